// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "quell/flash/descriptor.h"
#include "quell/image.h"

namespace quell::flash {

// Fills in `image.what` and `image.regions` by the flash descriptor at the start of the body; false, with nothing
// changed, when there is none. What a file is otherwise, `recognise` (quell/survey/recognise.h) tells.
bool recognise_dump(Image& image);

// The sizes of the flash chips in bytes (one or two) by the descriptor's component section; empty when they are not
// given.
std::vector<std::uint64_t> chip_sizes(const FlashDescriptor& descriptor);

// Whether the file ends with a processor's first instruction: whole 64 KiB, a jump 16 bytes before the end.
bool has_reset_vector(ByteView file);

}  // namespace quell::flash
