// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/finding.h"

namespace quell {

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
    case Severity::critical: return "critical";
  }
  return "unknown";
}

}  // namespace quell
