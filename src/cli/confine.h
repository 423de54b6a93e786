// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/sandbox.h"
#include "cli/command.h"

namespace quell::cli {

// Enters the sandbox once what a command reads is open. `outputs` are the files that it will write ("-" and empty names
// stand for none), `later` those that it will still read. Says in -v what the kernel or the build lacks.
void confine(const Session& session, const std::vector<std::string>& outputs = {},
             const std::vector<std::string>& later = {});
// The same for what has needs of its own.
void confine(const Session& session, const SandboxNeeds& needs);

void confine_device(const Session& session, const DeviceNeeds& needs);

// For what asks this machine: its files and devices stay, and its privileges; `files` are what it writes.
void confine_live(const Session& session, SandboxNeeds files = {});
// For what asks hosts on these TCP ports, once names are looked up and modules are loaded.
void confine_net(int verbosity, const std::vector<std::uint16_t>& ports);

}  // namespace quell::cli
