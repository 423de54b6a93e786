// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "quell/byte_view.h"
#include "uefi/guid.h"

namespace quell::uefi {

// "driver", "PEI module", ...; "type 0x42" where nobody knows it.
std::string file_type(std::uint8_t type);
// "PE32", "compression", ...; "type 0x42" where nobody knows it.
std::string section_type(std::uint8_t type);
// Whether a file of this type is a row of sections.
bool holds_sections(std::uint8_t file_type) noexcept;

// A text of two-byte characters, up to its first NUL or 128 of them, as UTF-8. Control characters and unpaired
// surrogates become U+FFFD.
std::string wide_text(ByteView view, std::uint64_t offset = 0);

namespace names {
inline constexpr Guid ffs1 = Guid::of("7A9354D9-0468-444A-81CE-0BF617D890DF");
inline constexpr Guid ffs2 = Guid::of("8C8CE578-8A3D-4F1C-9935-896185C32DD3");
inline constexpr Guid ffs3 = Guid::of("5473C07A-3DCB-4DCA-BD6F-1E9689E7349A");
// Volumes that hold variables: EDK II's and Phoenix's.
inline constexpr Guid variables = Guid::of("FFF12B8D-7696-4C8B-A985-2747075B4F50");
inline constexpr Guid phoenix_variables = Guid::of("00504624-8A59-4EEB-BD0F-6B36E96128E0");
// Files that hold AMI's variables, and their defaults.
inline constexpr Guid ami_variables = Guid::of("CEF5B9A3-476D-497F-9FDC-E98143E0422C");
inline constexpr Guid ami_defaults = Guid::of("9221315B-30BB-46B5-813E-1B1BF4712BD3");
}  // namespace names

}  // namespace quell::uefi
