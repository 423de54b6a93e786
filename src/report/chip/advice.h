// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "flash/host_access.h"

namespace quell::report::chip {

// What this machine allows to be written from within, with what that rests on.
std::string advice_text(const flash::HostAccess& advice);
std::string advice_json(const flash::HostAccess& advice);

}  // namespace quell::report::chip
