// SPDX-License-Identifier: GPL-2.0-or-later
// The lines intelmetool prints for a pair of status registers, with its decoding errors put right.
#pragma once

#include <string>

#include "intel/live/hfsts.h"
#include "quell/byte_view.h"

namespace quell::compat {

// "ME: FW Partition Table      : OK" and so on. Where the tool applies the tables of ME 6 to 10 to every generation or
// reads past their end, the generation's own name stands here, or "Unknown (8)".
std::string intelmetool_report(const host::Registers& registers, const intel::live::Generation& generation);

// "ME: Extend SHA-256: <digits>": the engine's own measurement of its firmware, from its configuration space. Empty
// where the registers are not there or not marked valid.
std::string extend_line(ByteView config);

}  // namespace quell::compat
