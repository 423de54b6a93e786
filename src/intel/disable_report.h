// SPDX-License-Identifier: GPL-2.0-or-later
// What `inspect`, `diff` and `descriptor show` say of the disable bit.
#pragma once

#include <vector>

#include "intel/disable_bit.h"
#include "quell/engine.h"

namespace quell::intel {

// Adds platform, place, name, evidence and state of the bit, traces of other tools and the action that sets it.
void report_disable_bit(EngineReport& report, const DisableBits& found);

// The same for an image with a descriptor, of which `body` is the firmware: to the first of the reports, or as a report
// of its own where no firmware was found.
void report_disable_bit(std::vector<EngineReport>& reports, const DisableBits& found,
                        const flash::FlashDescriptor& descriptor, ByteView body);

}  // namespace quell::intel
