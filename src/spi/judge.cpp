// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/judge.h"

#include <algorithm>

#include <fmt/format.h>

namespace quell::spi {

bool can_be_accepted(const Finding& finding) noexcept { return finding.severity < Severity::critical; }

std::string problem_text(const Finding& finding) {
  return can_be_accepted(finding) ? fmt::format("{} ({})", finding.title, finding.id) : finding.title;
}

const Finding* obstacle(const std::vector<Finding>& findings, const std::vector<std::string>& accepted) {
  const auto is_accepted = [&](const Finding& finding) {
    return std::ranges::any_of(accepted, [&](const std::string& id) {
      return id == finding.id || "image." + id == finding.id || id == "all";
    });
  };
  // A refusal says more about the read than a question does.
  for (const Severity severity : {Severity::critical, Severity::error}) {
    const auto found = std::ranges::find_if(findings, [&](const Finding& finding) {
      return finding.severity == severity && !(can_be_accepted(finding) && is_accepted(finding));
    });
    if (found != findings.end()) return &*found;
  }
  return nullptr;
}

}  // namespace quell::spi
