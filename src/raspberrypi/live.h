// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "quell/engine_status.h"
#include "quell/host/machine.h"

namespace quell::raspberrypi {

// The engine on a live machine; empty when nothing tells of it.
std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine);

}  // namespace quell::raspberrypi
