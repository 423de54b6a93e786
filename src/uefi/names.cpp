// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/names.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace quell::uefi {
namespace {

using Named = std::pair<std::uint8_t, std::string_view>;

constexpr std::array<Named, 18> file_types{{
    {0x01, "raw"},
    {0x02, "freeform"},
    {0x03, "security core"},
    {0x04, "PEI core"},
    {0x05, "DXE core"},
    {0x06, "PEI module"},
    {0x07, "driver"},
    {0x08, "PEI module and driver"},
    {0x09, "application"},
    {0x0A, "MM driver"},
    {0x0B, "volume image"},
    {0x0C, "MM and DXE driver"},
    {0x0D, "MM core"},
    {0x0E, "standalone MM driver"},
    {0x0F, "standalone MM core"},
    {0xF0, "padding"},
    {0x00, "all"},
    {0xFF, "end"},
}};

constexpr std::array<Named, 18> section_types{{
    {0x01, "compression"},
    {0x02, "GUID-defined"},
    {0x03, "disposable"},
    {0x10, "PE32"},
    {0x11, "PIC"},
    {0x12, "TE"},
    {0x13, "DXE dependencies"},
    {0x14, "version"},
    {0x15, "name"},
    {0x16, "16-bit code"},
    {0x17, "volume"},
    {0x18, "freeform"},
    {0x19, "raw"},
    {0x1B, "PEI dependencies"},
    {0x1C, "MM dependencies"},
    {0x20, "Insyde post code"},
    {0xF0, "Phoenix post code"},
    {0x00, "all"},
}};

template <class Names>
std::string name_in(const Names& names, std::uint8_t type) {
  const auto found = std::ranges::find(names, type, &Named::first);
  return found == names.end() ? fmt::format("type {:#04x}", type) : std::string(found->second);
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0U | point >> 6U);
    return put(0x80U | (point & 0x3FU));
  }
  if (point < 0x10000) {
    put(0xE0U | point >> 12U);
  } else {
    put(0xF0U | point >> 18U);
    put(0x80U | (point >> 12U & 0x3FU));
  }
  put(0x80U | (point >> 6U & 0x3FU));
  put(0x80U | (point & 0x3FU));
}

}  // namespace

std::string file_type(std::uint8_t type) { return name_in(file_types, type); }
std::string section_type(std::uint8_t type) { return name_in(section_types, type); }

bool holds_sections(std::uint8_t file_type) noexcept { return file_type >= 0x02 && file_type <= 0x0F; }

std::string wide_text(ByteView view, std::uint64_t offset) {
  constexpr unsigned longest = 128;
  constexpr std::uint32_t replacement = 0xFFFD;
  std::string out;
  for (unsigned i = 0; i < longest; ++i, offset += 2) {
    const std::uint32_t unit = view.u16(offset).value_or(0);
    if (unit == 0) break;
    std::uint32_t point = unit;
    if (unit >= 0xD800 && unit < 0xE000) {
      const std::uint32_t low = view.u16(offset + 2).value_or(0);
      const bool paired = unit < 0xDC00 && low >= 0xDC00 && low < 0xE000;
      point = paired ? 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00) : replacement;
      if (paired) offset += 2;
    }
    const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x2028 && point <= 0x202E) ||
                         (point >= 0x2066 && point <= 0x2069) || (point >= 0x200B && point <= 0x200F) ||
                         point >= 0xFFFE;
    append_utf8(out, control ? replacement : point);
  }
  return out;
}

}  // namespace quell::uefi
