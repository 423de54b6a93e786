// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "amd/firmware.h"
#include "base/budget.h"
#include "quell/engine.h"

namespace quell::amd {

// A file for every directory, entry, sub-image and unpacked payload; unpacking asks the budget. The bytes must outlive
// what is returned.
std::vector<Artifact> artifacts(const EmbeddedFirmware& firmware, ByteView file, const std::shared_ptr<Budget>& budget);

}  // namespace quell::amd
