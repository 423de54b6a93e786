// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "amd/firmware.h"

namespace quell::amd {

// How much one file may make the walk collect, over all its windows. Real images have at most 30 directories with
// 600 entries.
struct WalkBudget {
  std::uint64_t directories = 512;
  std::uint64_t entries = 8192;
};

// Follows every pointer of the structure and fills directories and defects of the Rom.
void walk(Rom& rom, ByteView file, WalkBudget& budget);
// The same from directories that were found by their headers.
void walk_found(Rom& rom, ByteView file, std::span<const std::uint64_t> directories, WalkBudget& budget);

}  // namespace quell::amd
