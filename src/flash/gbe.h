// SPDX-License-Identifier: GPL-2.0-or-later
// The GbE region: the words that the network controller reads at its start.
#pragma once

#include "quell/byte_view.h"
#include "quell/check.h"

namespace quell::flash {

// Whether words 0x00 to 0x3F of a bank sum to 0xBABA. False for fewer bytes.
bool gbe_sum_holds(ByteView bank) noexcept;

// The checksum of the bank in use; of either, where none is marked as in use. Absent where the region is blank or
// shorter than a bank's words.
Check check_gbe(ByteView region);

}  // namespace quell::flash
