// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "host/machine.h"
#include "quell/engine_status.h"

namespace quell::arm {

// The engine on a live machine; empty when nothing tells of it.
std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine);

}  // namespace quell::arm
