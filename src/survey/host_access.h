// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "flash/host_access.h"
#include "quell/byte_view.h"
#include "quell/host/root.h"

namespace quell {

// Found out by looking only. `root` stands for "/"; `dump` begins with the descriptor, or is empty (then what it allows
// is unknown).
flash::HostAccess host_access(const host::Root& root, ByteView dump);

// What endangers a write from within beside the locks, a sentence each: the battery, virtual machines, fwupd.
std::vector<std::string> risks_of_writing(const host::Root& root);

}  // namespace quell
