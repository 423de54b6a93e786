// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>

namespace quell {

// How much work one input may cause, as a function of its size. A sound image is looked at a few times over; a hostile
// one names the same bytes again and again, or unpacks to more than anybody has. A step is about one byte unpacked,
// hashed or copied: some nanoseconds. Whoever walks or unpacks asks before the work is done, and work that failed stays
// charged. Memory that lives on is bounded by the same count, since no byte is made without a step.
class Budget {
 public:
  static constexpr std::uint64_t times = 8;
  static constexpr std::uint64_t least = std::uint64_t{32} << 20U;

  // What work costs that makes no bytes: hashing or searching this many, verifying one signature.
  static constexpr std::uint64_t hashing(std::uint64_t bytes) noexcept { return bytes / 2; }
  static constexpr std::uint64_t signature = std::uint64_t{16} << 10U;

  explicit constexpr Budget(std::uint64_t input_size) noexcept
      : left_(input_size > (UINT64_MAX - least) / times ? UINT64_MAX : input_size * times + least) {}

  // Takes `steps`; false when that many are not left. What is refused once is marked (`exhausted`), and takes nothing.
  constexpr bool spend(std::uint64_t steps) noexcept {
    if (steps <= left_) {
      left_ -= steps;
      return true;
    }
    exhausted_ = true;
    return false;
  }
  // For work whose extent is known only afterwards: takes what is there, up to `steps`.
  constexpr void charge(std::uint64_t steps) noexcept { left_ -= std::min(left_, steps); }

  [[nodiscard]] constexpr std::uint64_t left() const noexcept { return left_; }
  // Something was refused: what is reported of the input is not everything.
  [[nodiscard]] constexpr bool exhausted() const noexcept { return exhausted_; }
  constexpr void refuse() noexcept { exhausted_ = true; }

 private:
  std::uint64_t left_;
  bool exhausted_ = false;
};

}  // namespace quell
