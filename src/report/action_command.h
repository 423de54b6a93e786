// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "quell/engine_report.h"

namespace quell::report {

// The front end's word for what lifts a refusal; empty where it has none (as in TextStyle).
using OptionOf = std::string_view (*)(Override) noexcept;

// The command line that does what an action says, for a file of this name; empty where no command does it, where the
// front end has no option that it takes, or where the user would have to name a place.
std::string command_of(const Action& action, const std::string& file, OptionOf option_of);

}  // namespace quell::report
