// SPDX-License-Identifier: GPL-2.0-or-later
// An image written as text. A line is an offset and what stands there:
//     size 0x80000                       first of all; what no line gives is 0xFF
//     0x0010  0x0FF0A55A 0x1210 0x06     words, little-endian and as wide as they are written
//     0x1010  "$FPT"                     characters
//     0x0128  0x00000000 * 4             the word before, so many times in all
// From # on a line is a comment.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <string>

#include "quell/byte_view.h"

namespace quell::test {

class TextImage {
 public:
  explicit TextImage(const std::filesystem::path& description) {
    std::ifstream file(description);
    if (!file) throw std::runtime_error(description.string() + " cannot be read");
    std::ostringstream text;
    text << file.rdbuf();
    put(text.str());
  }

  // Further lines, which win over what stands there.
  TextImage& put(const std::string& lines) {
    std::istringstream text(lines);
    for (std::string line; std::getline(text, line);) {
      std::istringstream words(line.substr(0, line.find('#')));
      std::string place;
      if (!(words >> place)) continue;
      if (place == "size") {
        words >> place;
        bytes_.assign(std::stoull(place, nullptr, 0), std::byte{0xFF});
      } else {
        put_line(std::stoull(place, nullptr, 0), words);
      }
    }
    return *this;
  }

  [[nodiscard]] const Buffer& bytes() const noexcept { return bytes_; }

 private:
  void put_line(std::uint64_t at, std::istringstream& words) {
    Buffer next;
    for (std::string word; words >> std::quoted(word);) {
      std::size_t times = 1;
      if (word == "*") {
        words >> times;
        --times;
      } else if (word.starts_with("0x")) {
        next = from_hex(word.substr(2));
        std::ranges::reverse(next);
      } else {
        const Bytes characters = as_bytes(word);
        next.assign(characters.begin(), characters.end());
      }
      for (; times != 0; --times) {
        for (const std::byte byte : next) bytes_.at(at++) = byte;
      }
    }
  }

  Buffer bytes_{};
};

}  // namespace quell::test
