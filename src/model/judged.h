// SPDX-License-Identifier: GPL-2.0-or-later
// What came of a check that could be made, or could not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "quell/check.h"

namespace quell {

struct Judged {
  CheckState state = CheckState::not_checked;
  std::string reason{};
};

// held, failed because of `why_wrong`, or, where nothing is known, not checked because of `why_not`.
inline Judged judged(std::optional<bool> right, std::string_view why_not, std::string_view why_wrong) {
  if (!right) return {CheckState::not_checked, std::string(why_not)};
  return {check_state(*right), *right ? std::string() : std::string(why_wrong)};
}

}  // namespace quell
