// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "cli/command.h"
#include "report/plan.h"

namespace quell::cli {

// What a command changed or would change, as text or JSON. With an output on standard output the report goes to
// standard error, as text, so that the two do not mix.
void print_plan(std::string_view command, const report::PlanReport& shown, bool output_on_stdout,
                const Session& session);

}  // namespace quell::cli
