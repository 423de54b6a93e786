// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "quell/byte_view.h"

namespace quell::specimen {

// Repeatable noise, the same on every machine (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  // 0 <= result < bound; bound is not 0.
  std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

  // Bytes without any structure, as compressed code looks.
  Buffer noise(std::uint64_t size);
  // Bytes that compress about as well as machine code.
  Buffer code(std::uint64_t size);

 private:
  std::uint64_t state_;
};

}  // namespace quell::specimen
