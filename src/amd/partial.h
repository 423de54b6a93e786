// SPDX-License-Identifier: GPL-2.0-or-later
// Firmware whose Embedded Firmware Structure is not in the file: it was erased, or lies in what was not read.
#pragma once

#include <vector>

#include "amd/efs.h"
#include "quell/byte_view.h"

namespace quell::amd {

// File offsets of directories that stand on their own: a cookie at a multiple of 256 bytes with the checksum right.
// Costs one read for each such place.
std::vector<std::uint64_t> find_directories(ByteView file, Range body);

// What stands in for the structure where only its directories are left: a window over the body and no field.
Efs absent_structure(Range body);

// Of the addresses where the boot ROM looks, those that lie in the window and are erased, as file offsets.
std::vector<std::uint64_t> erased_places(ByteView file, const Window& window);

}  // namespace quell::amd
