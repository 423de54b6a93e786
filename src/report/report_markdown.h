// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "quell/survey/status.h"
#include "report/check.h"

namespace quell::report {

// A page in Markdown for a forum post, a ticket or a wiki. Serial numbers, MAC addresses and UUIDs are masked, and no
// folder of a file is named. `checked.report` must be there.
std::string to_markdown(const CheckedFile& checked);
std::string to_markdown(const HostStatus& status);

}  // namespace quell::report
