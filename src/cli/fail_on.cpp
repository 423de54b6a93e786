// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/fail_on.h"

namespace quell::cli {

void add_fail_on(const Command& command, std::string& severity) {
  command.option("--fail-on", severity, "end with status 1 when a finding is at least: info, warning, error, critical")
      .one_of({"info", "warning", "error", "critical"});
}

std::optional<Severity> severity_of(std::string_view word) {
  for (const Severity severity : {Severity::info, Severity::warning, Severity::error, Severity::critical}) {
    if (word == to_string(severity)) return severity;
  }
  return std::nullopt;
}

}  // namespace quell::cli
