// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace quell {

// A size or place in an image as one in memory, where it has been checked to lie. On a 32-bit machine one that does not
// fit ends the program instead of becoming another one.
[[nodiscard]] constexpr std::size_t to_size(std::uint64_t value) noexcept {
  if (!std::in_range<std::size_t>(value)) std::abort();
  return static_cast<std::size_t>(value);
}

}  // namespace quell
