// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/survey/report.h"

#include <algorithm>

namespace quell {

std::optional<Severity> Report::worst() const {
  std::optional<Severity> worst;
  const auto take = [&worst](const std::vector<Finding>& list) {
    for (const Finding& finding : list) worst = std::max(worst.value_or(finding.severity), finding.severity);
  };
  take(findings);
  for (const EngineReport& engine : engines) take(engine.findings);
  return worst;
}

}  // namespace quell
