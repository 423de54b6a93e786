// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "host/machine.h"
#include "quell/engine_status.h"
#include "quell/host/root.h"

namespace quell::bmc {

// The management controller beside this machine, or the one that this machine is. With `deep` it is asked for its
// version and addresses.
std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine, const StatusOptions& options);

}  // namespace quell::bmc
