// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "base/words.h"
#include "intel/region_report.h"
#include "quell/intel/clean.h"

namespace quell::intel {
namespace {

// The plan's edits, one line a reason, in the order of the image.
std::vector<std::string> effects_of(const Plan& plan, ByteView image) {
  std::vector<std::pair<std::string, std::uint64_t>> sums;
  for (const Edit& edit : plan.edits) {
    // "partition table: number of rows" and its like are one line.
    const std::string reason = edit.reason.substr(0, edit.reason.find(':'));
    const auto found = std::ranges::find(sums, reason, &std::pair<std::string, std::uint64_t>::first);
    const std::uint64_t changed = changed_bytes(edit, image);
    if (found == sums.end()) {
      sums.emplace_back(reason, changed);
    } else {
      found->second += changed;
    }
  }
  std::vector<std::string> lines;
  lines.reserve(sums.size());
  for (const auto& [reason, changed] : sums) {
    lines.push_back(changed >= 1024 ? fmt::format("{} ({:.0f} KiB)", reason, static_cast<double>(changed) / 1024)
                                    : fmt::format("{} ({})", reason, count_text(changed, "byte")));
  }
  return lines;
}

}  // namespace

Action strip_action(const Examined& examined, const CleanState& state) {
  Action action{.id = "strip", .title = "remove partitions and modules"};
  const auto plan = plan_clean(examined, {});
  if (!plan && state.stripped && state.shortened) {
    action.state = Action::State::done;
    action.reason = "partitions and modules are removed, and the region is cut behind what is left";
    return action;
  }
  if (!plan) {
    action.state = plan.error().code == Errc::refused ? Action::State::refused : Action::State::impossible;
    action.reason = plan.error().message;
    action.lifted_by = plan.error().lifted_by;
    return action;
  }
  if (plan->plan.empty() && !state.stripped && !plan->notices.empty()) {
    action.reason = plan->notices.front().title;
    return action;
  }
  action.state = plan->plan.empty() ? Action::State::done : Action::State::available;
  if (state.stripped && plan->plan.empty()) {
    action.reason = "partitions and modules are removed: nothing is left to remove";
    return action;
  }
  action.effects = effects_of(plan->plan, examined.image().bytes());
  for (const Finding& cost : plan->costs) action.costs.push_back(cost.title);
  if (plan->minimum_size) {
    action.reason = fmt::format("the region could shrink to {} KiB afterwards", *plan->minimum_size / 1024);
  }
  return action;
}

}  // namespace quell::intel
