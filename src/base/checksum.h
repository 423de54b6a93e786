// SPDX-License-Identifier: GPL-2.0-or-later
// The checksum that most firmware tables share: one byte among them is chosen so that all of them sum to zero.
#pragma once

#include <cstdint>

#include "quell/byte_view.h"

namespace quell {

// The sum of the bytes, modulo 256.
constexpr std::uint8_t sum_of(Bytes bytes) noexcept {
  unsigned sum = 0;
  for (const std::byte byte : bytes) sum += std::to_integer<unsigned>(byte);
  return static_cast<std::uint8_t>(sum);
}

// What must be added to a sum to make it zero.
constexpr std::uint8_t complement_of(unsigned sum) noexcept { return static_cast<std::uint8_t>(0U - sum); }

}  // namespace quell
