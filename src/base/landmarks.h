// SPDX-License-Identifier: GPL-2.0-or-later
// The signatures that may stand anywhere in an image, found in one pass that every engine shares.
#pragma once

#include <cstdint>
#include <vector>

#include "quell/byte_view.h"

namespace quell {

enum class Mark : std::uint8_t {
  firmware_volume,  // "_FVH" of a UEFI volume header (the header starts 0x28 before it)
  fit,              // "_FIT_   " of Intel's firmware interface table
  key_manifest,     // "__KEYM__"
  boot_policy,      // "__ACBP__"
  fmap,             // "__FMAP__"
  fip,              // 01 00 64 AA of an ARM firmware image package
  device_tree,      // D0 0D FE ED
};

struct Landmark {
  Mark mark = Mark::fit;
  std::uint64_t offset = 0;  // of the signature, relative to the view
};

// Every such signature at a multiple of 4, in ascending order. One linear pass at memory speed; at most 8192 of each
// kind are kept, since more of them means that somebody made the image up.
std::vector<Landmark> find_landmarks(ByteView image);

}  // namespace quell
