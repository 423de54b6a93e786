// SPDX-License-Identifier: GPL-2.0-or-later
// Is a dump sound? The findings of a report, put under the questions that a careful engineer would ask.
#pragma once

#include <string>
#include <vector>

#include "quell/survey/report.h"

namespace quell {

// One question and its answer.
struct CheckItem {
  // failed: a finding of severity error or worse. warned: only warnings. unknown: nothing in the file could tell.
  // inapplicable: the file is not of a kind that the question is about.
  enum class State { passed, warned, failed, unknown, inapplicable };
  std::string id{};     // stable: "descriptor", "regions", "size", "blank", "repeated", "signatures", ...
  std::string title{};  // "signatures hold"
  State state = State::passed;
  std::string note{};  // what was looked at: "14 signatures"
  std::vector<Finding> findings{};
};

// "passed", "warned", "failed", "unknown", "not applicable".
std::string_view to_string(CheckItem::State state) noexcept;

// The items of a report that was made with Depth::everything. Every finding is under exactly one item.
std::vector<CheckItem> check_items(const Report& report);

// Whether no item failed.
bool sound(const std::vector<CheckItem>& items) noexcept;

}  // namespace quell
