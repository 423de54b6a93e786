// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers in text, as tables, options and sysfs write them: the whole text is one that fits, or there is none.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quell {

template <std::unsigned_integral T = std::uint64_t>
[[nodiscard]] std::optional<T> parse_number(std::string_view text, int base) {
  T value = 0;
  const char* const end = text.data() + text.size();  // NOLINT(cppcoreguidelines-pro-bounds-pointer-arithmetic)
  const auto [stop, problem] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || problem != std::errc() || stop != end) return std::nullopt;
  return value;
}

template <std::unsigned_integral T = std::uint64_t>
[[nodiscard]] std::optional<T> parse_decimal(std::string_view text) {
  return parse_number<T>(text, 10);
}

[[nodiscard]] constexpr bool has_hex_prefix(std::string_view text) noexcept {
  return text.starts_with("0x") || text.starts_with("0X");
}

// Hexadecimal, with or without "0x".
template <std::unsigned_integral T = std::uint64_t>
[[nodiscard]] std::optional<T> parse_hex(std::string_view text) {
  if (has_hex_prefix(text)) text.remove_prefix(2);
  return parse_number<T>(text, 16);
}

// Hexadecimal after "0x", else decimal.
template <std::unsigned_integral T = std::uint64_t>
[[nodiscard]] std::optional<T> parse_integer(std::string_view text) {
  return has_hex_prefix(text) ? parse_hex<T>(text) : parse_decimal<T>(text);
}

}  // namespace quell
