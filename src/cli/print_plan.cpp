// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/print_plan.h"

#include <fmt/format.h>

namespace quell::cli {

void print_plan(std::string_view command, const report::PlanReport& shown, bool output_on_stdout,
                const Session& session) {
  if (session.json && !output_on_stdout) {
    print(report::to_json(command, shown));
    return;
  }
  const std::string text = report::to_text(shown, {session.use_color(), session.width(), session.verbosity});
  if (output_on_stdout) {
    fmt::print(stderr, "{}", text);
  } else {
    print(text);
  }
}

}  // namespace quell::cli
