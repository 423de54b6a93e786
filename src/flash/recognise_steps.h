// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of recognise(), each for one family of files. Internal to flash/.
#pragma once

#include <optional>

#include "quell/image.h"

namespace quell::flash {

// Intel files without a flash descriptor in front: ME regions of every layout, IFWI, update images, code partitions.
std::optional<Recognition> recognise_intel_part(ByteView file);

// Files that a header of some structure names: Image4, microcode, ACM, FIP, device trees, Qualcomm, GbE, capsules.
std::optional<Recognition> recognise_header(ByteView file);

// Files that a magic number at a fixed place names (data/file-kinds.csv), firmware or not.
std::optional<Recognition> recognise_magic(ByteView file);

// An AMD image by its embedded firmware structure at the places where the boot ROM looks for it. Reads a few bytes.
std::optional<Recognition> recognise_amd(ByteView file);

// Something known further inside: a descriptor, an ME region, an AMD image behind a header. One pass a pattern.
std::optional<Recognition> recognise_wrapped(ByteView file);

// A BIOS image by what stands in it: firmware volumes, coreboot's FMAP and CBFS, a reset vector. One pass a pattern.
std::optional<Recognition> recognise_bios(ByteView file);

// What a file is like that nothing else knows: blank, text, a shifted read, random data. Never recognised.
Recognition describe_unknown(ByteView file);

}  // namespace quell::flash
