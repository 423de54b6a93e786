// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace quell {

// Bits high:low of a register.
constexpr std::uint32_t bits(std::uint32_t value, unsigned high, unsigned low) {
  const unsigned width = high - low + 1;
  return width >= 32 ? value : (value >> low) & ((1U << width) - 1);
}

}  // namespace quell
