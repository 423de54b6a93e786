// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/split.h"

#include <algorithm>

namespace quell {

std::vector<std::string_view> words_of(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out = words_of(text, '\n');
  for (std::string_view& line : out) {
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  std::erase(out, std::string_view());
  return out;
}

}  // namespace quell
