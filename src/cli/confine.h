// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

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

}  // namespace quell::cli
