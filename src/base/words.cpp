// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/words.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>

namespace quell {

std::string count_text(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kib = 1024;
  constexpr std::uint64_t mib = kib * kib;
  if (bytes != 0 && bytes % mib == 0) return fmt::format("{} MiB", bytes / mib);
  if (bytes != 0 && bytes % kib == 0) return fmt::format("{} KiB", bytes / kib);
  return count_text(bytes, "byte");
}

std::size_t letters_apart(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace quell
