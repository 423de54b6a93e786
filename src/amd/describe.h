// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "amd/firmware.h"

namespace quell::amd {

// One directory entry with what its bytes hold.
Component describe_entry(const Rom& rom, const Entry& entry);

}  // namespace quell::amd
