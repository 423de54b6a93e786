// SPDX-License-Identifier: GPL-2.0-or-later
// The obvious Huffman coder: walks a map of codewords bit by bit. Slow, and easy to believe.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "quell/byte_view.h"
#include "quell/digest.h"

namespace quell::intel::test {

class ReferenceDictionary {
 public:
  explicit ReferenceDictionary(std::string_view csv) {
    std::istringstream lines{std::string(csv)};
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      const std::size_t first = line.find(',');
      const std::size_t second = line.find(',', first + 1);
      const std::string table = line.substr(0, first);
      const std::string codeword = line.substr(first + 1, second - first - 1);
      const Buffer symbol = from_hex(line.substr(second + 1));
      symbols_[table][codeword] = symbol;
      codewords_[table][to_hex(symbol)] = codeword;
    }
  }

  // Longest symbol first; the dictionaries have all single bytes.
  [[nodiscard]] Buffer pack(Bytes plain, const std::string& table) const {
    std::string look_up, body;
    for (std::size_t chunk = 0; chunk < plain.size() / 0x1000; ++chunk) {
      const auto word = static_cast<std::uint32_t>(body.size()) | (table == "code" ? 0x40000000U : 0xC0000000U);
      for (unsigned shift = 0; shift < 32; shift += 8) look_up.push_back(static_cast<char>(word >> shift));
      std::string bits;
      Bytes rest = plain.subspan(chunk * 0x1000, 0x1000);
      while (!rest.empty()) {
        for (std::size_t width = std::min<std::size_t>(15, rest.size()); width > 0; --width) {
          const auto found = codewords_.at(table).find(to_hex(rest.first(width)));
          if (found == codewords_.at(table).end()) continue;
          bits += found->second;
          rest = rest.subspan(width);
          break;
        }
      }
      while (bits.size() % 8 != 0) bits.push_back('0');
      for (std::size_t at = 0; at < bits.size(); at += 8) {
        body.push_back(static_cast<char>(std::stoi(bits.substr(at, 8), nullptr, 2)));
      }
    }
    const std::string all = look_up + body;
    const Bytes bytes = as_bytes(all);
    return {bytes.begin(), bytes.end()};
  }

  [[nodiscard]] std::optional<Buffer> unpack(Bytes stored, std::uint64_t size) const {
    const std::uint64_t chunks = size / 0x1000;
    const ByteView view(stored);
    Buffer out;
    for (std::uint64_t i = 0; i < chunks; ++i) {
      const std::uint32_t word = view.u32(i * 4).value();
      const std::uint64_t begin = chunks * 4 + (word & 0x1FFFFFFU);
      const std::uint64_t end =
          i + 1 < chunks ? chunks * 4 + (view.u32(i * 4 + 4).value() & 0x1FFFFFFU) : stored.size();
      const auto& table = symbols_.at(word >> 25U == 0x20 ? "code" : "data");
      Buffer chunk;
      std::string codeword;
      for (std::uint64_t bit = begin * 8; chunk.size() < 0x1000; ++bit) {
        if (bit == end * 8) return std::nullopt;
        codeword.push_back((std::to_integer<unsigned>(stored[bit / 8]) >> (7 - bit % 8) & 1U) != 0 ? '1' : '0');
        const auto found = table.find(codeword);
        if (found == table.end()) continue;
        chunk.insert(chunk.end(), found->second.begin(), found->second.end());
        codeword.clear();
      }
      if (chunk.size() > 0x1000) return std::nullopt;
      out.insert(out.end(), chunk.begin(), chunk.end());
    }
    return out;
  }

 private:
  std::map<std::string, std::map<std::string, Buffer>> symbols_;
  std::map<std::string, std::map<std::string, std::string>> codewords_;
};

}  // namespace quell::intel::test
