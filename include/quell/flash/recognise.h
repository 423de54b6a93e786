// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "quell/flash/descriptor.h"
#include "quell/image.h"

namespace quell::flash {

// Says what the file is and fills `image.what` and `image.regions`. Never fails: what it does not know is
// "unrecognised". Looks at the start of the file first and searches for something wrapped in it only then, so the
// usual case costs a few bytes.
void recognise(Image& image);

// The sizes of the flash chips in bytes (one or two) by the descriptor's component section; empty when they are not
// given.
std::vector<std::uint64_t> chip_sizes(const FlashDescriptor& descriptor);

}  // namespace quell::flash
