// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "amd/directory.h"
#include "quell/byte_view.h"

namespace quell::amd {

// What the four bytes at the start of a directory say of it.
struct Cookie {
  std::string_view text;
  DirectoryKind kind = DirectoryKind::psp;
  unsigned level = 0;
  bool bios = false;
  bool combo = false;
};

inline constexpr std::array cookies{
    Cookie{"$PSP", DirectoryKind::psp, 1, false, false},      Cookie{"$PL2", DirectoryKind::psp, 2, false, false},
    Cookie{"$BHD", DirectoryKind::bios, 1, true, false},      Cookie{"$BL2", DirectoryKind::bios, 2, true, false},
    Cookie{"2PSP", DirectoryKind::psp_combo, 0, false, true}, Cookie{"2BHD", DirectoryKind::bios_combo, 0, true, true}};

// The cookie at a file offset, if there is one.
inline const Cookie* cookie_at(ByteView file, std::uint64_t offset) {
  for (const Cookie& cookie : cookies) {
    if (file.matches(offset, cookie.text)) return &cookie;
  }
  return nullptr;
}

}  // namespace quell::amd
