// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "intel/cse/image.h"

namespace quell::intel {

// Whether a code partition directory begins here, by every field of its header that is always the same.
bool looks_like_code_partition(ByteView bytes) noexcept;

// Reads a partition that begins with $CPD: directory, manifest with its signature and extensions, metadata files.
Result<CsePartition> read_partition(ByteView bytes, const Signatures& signatures);

// The signed manifest in a .key module, which may have a header of up to 0x80 bytes before it.
std::optional<Manifest> find_key_manifest(ByteView module);

// Fills `listed_key` from the key manifests in the image.
void check_key_roles(CseImage& image);

}  // namespace quell::intel
