// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/entropy.h"

#include <array>
#include <cmath>

namespace quell {

double entropy(Bytes bytes) noexcept {
  // Two tables: equal neighbours would otherwise wait for each other's count.
  std::array<std::uint64_t, 256> even{};
  std::array<std::uint64_t, 256> odd{};
  const std::size_t pairs = bytes.size() / 2 * 2;
  for (std::size_t i = 0; i < pairs; i += 2) {
    ++even[std::to_integer<std::size_t>(bytes[i])];
    ++odd[std::to_integer<std::size_t>(bytes[i + 1])];
  }
  if (pairs != bytes.size()) ++even[std::to_integer<std::size_t>(bytes.back())];
  double bits = 0;
  for (std::size_t value = 0; value < even.size(); ++value) {
    const std::uint64_t count = even[value] + odd[value];
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(bytes.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

}  // namespace quell
