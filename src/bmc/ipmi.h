// SPDX-License-Identifier: GPL-2.0-or-later
// What a management controller says of itself over IPMI. Commands that only read.
#pragma once

#include "quell/engine_status.h"
#include "quell/host/root.h"

namespace quell::bmc {

// Device id and the addresses of its LAN channel as facts of the engine. The MAC address is masked to its maker.
void ask_controller(const host::Root& root, EngineStatus& engine);

}  // namespace quell::bmc
