// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/answers.h"

namespace quell {

std::string_view to_string(Asked asked) noexcept {
  switch (asked) {
    case Asked::starts_before: return "starts-before-os";
    case Asked::runs_beside: return "runs-beside-os";
    case Asked::network: return "network-stack";
    case Asked::reachable: return "reachable";
    case Asked::switch_off: break;
  }
  return "switch-off";
}

std::string_view to_string(Holds holds) noexcept {
  switch (holds) {
    case Holds::yes: return "yes";
    case Holds::no: return "no";
    case Holds::partly: return "partly";
    case Holds::unknown: break;
  }
  return "unknown";
}

std::string_view to_string(Basis basis) noexcept { return basis == Basis::general ? "general" : "observed"; }

}  // namespace quell
