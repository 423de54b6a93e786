// SPDX-License-Identifier: GPL-2.0-or-later
// Boards with two flash chips: one descriptor, on the first, names both, and addresses run on from one to the other.
#pragma once

#include "quell/flash/descriptor.h"
#include "quell/override.h"

namespace quell::flash {

// Where the second chip begins in an image of both, by the sizes in the descriptor. Errc::usage where it names one chip
// only, or chips that do not make up the image.
Result<std::uint64_t> second_chip(const FlashDescriptor& descriptor, ByteView image);

// What a join can be insisted on with.
inline const Overrides join_overrides{Override::sizes};

// The images of both chips as one. `descriptor` is that of the first. Errc::usage where the second begins with one too;
// Errc::refused where the sizes are not those of the descriptor, unless Override::sizes is accepted.
Result<Buffer> join_chips(const FlashDescriptor& descriptor, ByteView first, ByteView second, Overrides accepted);

}  // namespace quell::flash
