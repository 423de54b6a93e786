// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers in text, as sysfs and our tables write them. For src/host/, src/amt/ and src/cli/ only.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quell::host {

// The whole text as a number; nothing when it is none or does not fit.
inline std::optional<std::uint64_t> parse_number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();  // NOLINT(cppcoreguidelines-pro-bounds-pointer-arithmetic)
  const auto [stop, problem] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || problem != std::errc() || stop != end) return std::nullopt;
  return value;
}

inline std::optional<std::uint64_t> parse_decimal(std::string_view text) { return parse_number(text, 10); }

// With or without "0x".
inline std::optional<std::uint64_t> parse_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  return parse_number(text, 16);
}

// Bits high:low of a register.
constexpr std::uint32_t bits(std::uint32_t value, unsigned high, unsigned low) {
  const unsigned width = high - low + 1;
  return width >= 32 ? value : (value >> low) & ((1U << width) - 1);
}

}  // namespace quell::host
