// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/print_plan.h"

#include "base/printable.h"
#include "quell/survey/report.h"

namespace quell::cli {

void print_plan(std::string_view command, const report::PlanReport& shown, bool output_on_stdout,
                const Session& session) {
  if (session.json && !output_on_stdout) {
    Image image(shown.file, shown.input);
    const auto about = examine(image, Depth::structure);
    report::PlanReport named = shown;
    named.about = about ? &*about : nullptr;
    print(report::to_json(command, named));
    return;
  }
  const std::string text = report::to_text(shown, {session.use_color(), session.width(), session.verbosity});
  if (output_on_stdout) {
    steer(printable_styled(text));
  } else {
    print(text);
  }
}

}  // namespace quell::cli
