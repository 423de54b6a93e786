// SPDX-License-Identifier: GPL-2.0-or-later
// Rockchip's loader packs ("LDR ", "BOOT"): memory initialisation and loaders that a PC sends over USB, with a header.
#pragma once

#include <optional>

#include "arm/loader.h"

namespace quell::arm {

// Nothing where the header does not say what such a pack says: its own size and lists of entries that lie in it.
std::optional<Loader> read_rockchip_pack(ByteView file);

}  // namespace quell::arm
