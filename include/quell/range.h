// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>

namespace quell {

// Half-open byte range [offset, end()). `end()` saturates, so a range built from hostile numbers never wraps.
struct Range {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  static constexpr Range between(std::uint64_t begin, std::uint64_t end) noexcept {
    return {begin, end > begin ? end - begin : 0};
  }

  [[nodiscard]] constexpr bool empty() const noexcept { return size == 0; }
  [[nodiscard]] constexpr std::uint64_t end() const noexcept {
    constexpr auto max = std::numeric_limits<std::uint64_t>::max();
    return size > max - offset ? max : offset + size;
  }
  [[nodiscard]] constexpr bool contains(std::uint64_t position) const noexcept {
    return position >= offset && position - offset < size;
  }
  [[nodiscard]] constexpr bool contains(Range other) const noexcept {
    return other.offset >= offset && other.end() <= end() && other.size <= size;
  }
  [[nodiscard]] constexpr bool intersects(Range other) const noexcept {
    return !empty() && !other.empty() && offset < other.end() && other.offset < end();
  }
  [[nodiscard]] constexpr Range intersection(Range other) const noexcept {
    return between(std::max(offset, other.offset), std::min(end(), other.end()));
  }

  friend constexpr auto operator<=>(const Range&, const Range&) = default;
};

// Sum of two numbers from the input, or nothing when it does not fit.
constexpr std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) noexcept {
  if (b > std::numeric_limits<std::uint64_t>::max() - a) return std::nullopt;
  return a + b;
}

// Product of two numbers from the input, or nothing when it does not fit.
constexpr std::optional<std::uint64_t> checked_mul(std::uint64_t a, std::uint64_t b) noexcept {
  if (a != 0 && b > std::numeric_limits<std::uint64_t>::max() / a) return std::nullopt;
  return a * b;
}

}  // namespace quell
