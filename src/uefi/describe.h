// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "quell/component.h"
#include "uefi/firmware.h"

namespace quell::uefi {

// What a volume holds as components "firmware-file", "firmware-section" and "firmware-volume", with what was verified
// of each. The range of what was unpacked is that of the packed section it lies in; its own place is the attribute
// "unpacked_offset".
std::vector<Component> describe_files(const Volume& volume);
// The same for a file that stands alone.
Component describe(const File& file);

}  // namespace quell::uefi
