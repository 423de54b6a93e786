// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "quell/byte_view.h"

namespace quell::uefi {

// A GUID as its 16 stored bytes: what names volumes, files, sections and the owners of variables.
struct Guid {
  std::array<std::uint8_t, 16> bytes{};

  // The value of a literal in the usual form; anything else does not compile.
  static consteval Guid of(std::string_view text);
  // The 16 bytes at the offset; all zero where they are not there.
  static Guid at(ByteView view, std::uint64_t offset);
  // The value of a text in the usual form; all zero for any other.
  static constexpr Guid parse(std::string_view text);

  friend constexpr auto operator<=>(const Guid&, const Guid&) = default;
};

// "8C8CE578-8A3D-4F1C-9935-896185C32DD3".
std::string to_string(const Guid& guid);

constexpr Guid Guid::parse(std::string_view text) {
  // The first three fields are stored with their lowest byte first.
  constexpr std::array<std::size_t, 16> order{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  constexpr auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  Guid out;
  std::size_t at = 0;
  for (const std::size_t place : order) {
    if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
    if (at + 2 > text.size()) return {};
    const int high = digit(text[at]);
    const int low = digit(text[at + 1]);
    if (high < 0 || low < 0) return {};
    out.bytes.at(place) = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return at == text.size() ? out : Guid{};
}

consteval Guid Guid::of(std::string_view text) {
  const Guid out = parse(text);
  if (out == Guid{}) throw "no GUID in its usual form";
  return out;
}

}  // namespace quell::uefi
