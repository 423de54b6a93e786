// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "quell/host/root.h"
#include "quell/survey/status.h"

namespace quell {

// What Secure Boot's lists on a live machine hold, as facts of its section, and what to think of them.
void describe_live_keys(const host::Root& root, HostStatus& status);

}  // namespace quell
