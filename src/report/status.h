// SPDX-License-Identifier: GPL-2.0-or-later
// The status of a live machine for people and for machines.
#pragma once

#include <string>

#include "quell/survey/status.h"
#include "report/text.h"

namespace quell::report {

// JSON document of schema quell/2, command "status" (docs/schema/quell-2-status.schema.json).
std::string to_json(const HostStatus& status);

// One page; more with style.verbosity: 1 adds registers, sources and advisories, 2 what was tried in vain.
std::string to_text(const HostStatus& status, const TextStyle& style);

}  // namespace quell::report
