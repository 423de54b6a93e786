// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/random.h"

#include <array>

#include "base/size.h"

namespace quell::specimen {

Buffer Random::noise(std::uint64_t size) {
  Buffer out(to_size(size));
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    word = i % 8 == 0 ? next() : word >> 8U;
    out[i] = static_cast<std::byte>(word);
  }
  return out;
}

Buffer Random::code(std::uint64_t size) {
  // A small vocabulary of four-byte "instructions", each used many times, with a random operand now and then.
  std::array<std::uint32_t, 64> vocabulary{};
  for (auto& word : vocabulary) word = static_cast<std::uint32_t>(next());
  Buffer out(to_size(size));
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 4 == 0) {
      const std::uint64_t choice = next();
      word = vocabulary.at(choice % vocabulary.size());
      if ((choice >> 60U) == 0) word ^= static_cast<std::uint32_t>(choice >> 8U) & 0xFF00U;
    }
    out[i] = static_cast<std::byte>(word >> (8 * (i % 4)));
  }
  return out;
}

}  // namespace quell::specimen
