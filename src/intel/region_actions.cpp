// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

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
                                    : fmt::format("{} ({} byte{})", reason, changed, changed == 1 ? "" : "s"));
  }
  return lines;
}

Action plan_action(const Image& image, const CleanOptions& options, std::string id, std::string title) {
  Action action{.id = std::move(id), .title = std::move(title)};
  const auto plan = plan_clean(image, options);
  if (!plan) {
    action.state = plan.error().code == Errc::refused ? Action::State::refused : Action::State::impossible;
    action.reason = plan.error().message;
    if (const auto lifts = plan.error().lifted_by.list(); !lifts.empty()) action.lifted_by = lifts.front();
    return action;
  }
  if (plan->plan.empty() && !plan->notices.empty()) {
    action.reason = plan->notices.front().title;
    return action;
  }
  action.state = plan->plan.empty() ? Action::State::done : Action::State::available;
  action.effects = effects_of(plan->plan, image.bytes());
  if (options.strip && plan->minimum_size) {
    action.reason = fmt::format("the region could shrink to {} KiB afterwards", *plan->minimum_size / 1024);
  }
  return action;
}

}  // namespace

std::vector<Action> actions(const MeRegion& /*me*/, const Image& image) {
  const bool dump = flash::find_descriptor(image.body()).has_value() && !find_fpt(image.body());
  std::vector<Action> out;
  CleanOptions soft;
  soft.strip = false;
  soft.soft_disable = true;
  if (dump) {
    out.push_back(plan_action(image, soft, "soft-disable", "set the disable bit"));
  } else {
    out.push_back({.id = "soft-disable",
                   .title = "set the disable bit",
                   .state = Action::State::impossible,
                   .reason = "the bit is in the flash descriptor, which a bare ME region does not hold"});
  }
  out.push_back(plan_action(image, {}, "strip", "remove partitions and modules"));
  return out;
}

}  // namespace quell::intel
