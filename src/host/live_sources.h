// SPDX-License-Identifier: GPL-2.0-or-later
// What a live machine has below /quell (see quell/host/root.h). For src/host/ only.
#pragma once

#include "quell/host/root.h"

namespace quell::host {

// Answers for a path below /quell on the running machine.
Reading read_live_source(std::string_view path, std::size_t limit);

// One exchange with a client of the engine over /dev/<device>: connect, one write, one read; 5 s each, one retry
// after a fresh open, 15 s for all exchanges of the program together. `client` is the GUID in text form.
Reading mei_exchange(const std::string& device, std::string_view client, Bytes request);

// The lines of the running kernel's log that concern an engine (the drivers named in the source).
Reading kernel_log_lines();

// Whether a kernel log line concerns an engine.
bool concerns_an_engine(std::string_view line);

}  // namespace quell::host
