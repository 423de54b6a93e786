// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "host/machine.h"
#include "quell/engine_status.h"
#include "quell/host/fact.h"

namespace quell::intel::live {

// The engines of an Intel chipset on a live machine, from every source together; empty when nothing tells of one.
std::vector<EngineStatus> engines_of(const host::Root& root, const host::Machine& machine,
                                     const StatusOptions& options);

// What register 0x13a of the processor says of Boot Guard.
host::Section collect_boot_guard_msr(const host::Root& root, const host::Machine& machine);

}  // namespace quell::intel::live
