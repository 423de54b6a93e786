// SPDX-License-Identifier: GPL-2.0-or-later
// The GbE region: the words that the network controller reads at its start.
#pragma once

#include <vector>

#include "quell/byte_view.h"
#include "quell/check.h"
#include "quell/component.h"

namespace quell::flash {

// Whether words 0x00 to 0x3F of a bank sum to 0xBABA. False for fewer bytes.
bool gbe_sum_holds(ByteView bank) noexcept;

// Whether a file of this content is a GbE region: of a size that such regions have, with a bank whose checksum holds.
bool is_gbe_region(ByteView file);

// Both banks as components of kind "bank": which one the controller takes, whether its words sum up, its MAC address
// and version of content. Empty where the region is blank or shorter than a bank's words.
std::vector<Component> gbe_banks(ByteView region);

// The checksum of the bank in use; of either, where none is marked as in use. Absent where the region is blank or
// shorter than a bank's words.
Check check_gbe(ByteView region);

}  // namespace quell::flash
