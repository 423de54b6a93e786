// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/words.h"

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

}  // namespace quell
