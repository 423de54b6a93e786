// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/page/blocks.h"

#include <algorithm>
#include <cmath>

#include "base/entropy.h"

namespace quell::report {
namespace {

constexpr std::uint64_t block_size = 4096;

std::byte kind_of(Bytes block) {
  constexpr double scale = 253.0 / 8.0;
  const std::byte first = block.front();
  if (std::ranges::all_of(block, [first](std::byte byte) { return byte == first; })) {
    if (first == std::byte{0xFF}) return std::byte{0};
    if (first == std::byte{0}) return std::byte{1};
  }
  return static_cast<std::byte>(2 + std::lround(entropy(block) * scale));
}

}  // namespace

Buffer block_kinds(ByteView bytes) {
  Buffer out;
  for (std::uint64_t at = 0; at < bytes.size(); at += block_size) {
    const ByteView block = bytes.clip({at, block_size});
    out.push_back(kind_of(block.bytes()));
  }
  return out;
}

}  // namespace quell::report
