// SPDX-License-Identifier: GPL-2.0-or-later
// What flash/ knows of files beside dumps, for survey/recognise.cpp.
#pragma once

#include <optional>

#include "quell/image.h"

namespace quell::flash {

// Files that a header of some structure names: microcode, GbE, capsules.
std::optional<Recognition> recognise_header(ByteView file);

// Files that a magic number at a fixed place names (data/file-kinds.csv), firmware or not.
std::optional<Recognition> recognise_magic(ByteView file);

// A dump behind a header, by its descriptor. One pass.
std::optional<Recognition> find_dump(ByteView file);

// A BIOS image by what stands in it: firmware volumes, coreboot's FMAP and CBFS, a reset vector. One pass a pattern.
std::optional<Recognition> recognise_bios(ByteView file);

// How many bits late the descriptor's signature comes: a clip or a clock that drops or adds bits on the wire (most
// significant bit first). Nothing when it is not near the start at all.
std::optional<int> descriptor_shift(ByteView file);

// What a file is like that nothing else knows: blank, text, a shifted read, random data. Never recognised.
Recognition describe_unknown(ByteView file);

}  // namespace quell::flash
