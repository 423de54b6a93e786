// SPDX-License-Identifier: GPL-2.0-or-later
// Is a dump sound? The checks and findings of a report, put under the questions that a careful engineer would ask.
#pragma once

#include <string>
#include <vector>

#include "quell/survey/report.h"

namespace quell {

// A check with the id of the engine that made it; empty: the survey of the layout.
struct AskedCheck {
  std::string engine{};
  Check check{};
};

// One question and its answer.
struct CheckItem {
  // failed: a finding of severity error or worse. warned: only warnings. passed: at least one check held. unknown: none
  // did.
  // inapplicable: the file is not of a kind that the question is about.
  enum class State { passed, warned, failed, unknown, inapplicable };
  Question question = Question::structure;
  std::string title{};  // "signatures hold"
  State state = State::unknown;
  std::string note{};                // how many checks held: "14 signatures"
  std::vector<AskedCheck> checks{};  // held, failed, absent, not checked
  std::vector<Finding> findings{};
  // How many checks held.
  [[nodiscard]] std::size_t held() const noexcept;
};

// "passed", "warned", "failed", "unknown", "not applicable".
std::string_view to_string(CheckItem::State state) noexcept;

// The items of a report that was made with Depth::everything. Every finding is under exactly one item.
std::vector<CheckItem> check_items(const Report& report);

// Whether these bytes may be the content of the chip: the findings of severity warning and above that examine() has
// with Depth::everything. What is not recognised is judged as well.
std::vector<Finding> judge_content(Bytes content, const flash::ChipContext& chip);

// The warnings among the findings of all items.
std::size_t things_to_look_at(const std::vector<CheckItem>& items) noexcept;

// Whether no item failed.
bool sound(const std::vector<CheckItem>& items) noexcept;

}  // namespace quell
