// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "amd/firmware.h"
#include "quell/engine.h"

namespace quell::amd {

// A file for every directory, entry, sub-image and unpacked payload. The bytes must outlive what is returned.
std::vector<Artifact> artifacts(const EmbeddedFirmware& firmware, ByteView file);

}  // namespace quell::amd
