// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include <fmt/format.h>

#include "campaign/guarded.h"
#include "campaign/trial.h"
#include "quell/intel/clean.h"
#include "quell/survey/check.h"
#include "quell/survey/compare.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"
#include "report/check.h"
#include "report/diff.h"
#include "report/json.h"
#include "report/plan.h"
#include "report/text.h"

namespace quell::campaign {
namespace {

std::optional<std::string> inspect(const Guarded& input) {
  Image image("variant.rom", ByteView(input.bytes()));
  const auto report = examine(image, Depth::everything);
  if (!report) return report.error().message.empty() ? std::optional("inspect fails without a message") : std::nullopt;
  if (report::to_text(*report, {.verbosity = 2}).empty()) return "inspect has no text";
  if (report::to_json("inspect", {*report}).empty()) return "inspect has no JSON";
  const report::CheckedFile checked{.file = "variant.rom", .report = *report, .items = check_items(*report)};
  if (checked.items.empty()) return "check has no items";
  if (report::to_text(checked, {}).empty() || report::check_json({checked}, {}).empty()) return "check has no report";
  return std::nullopt;
}

intel::CleanOptions options_for(std::uint64_t number) {
  intel::CleanOptions options;
  switch (number % 6) {
    case 0: break;
    case 1: options.relocate = options.truncate = true; break;
    case 2: options.soft_disable = true; break;
    case 3: options.strip = false, options.soft_disable = true; break;
    case 4: options.keep_modules = options.truncate = true; break;
    default: options.keep = {"MFS", "EFFS"}, options.lock_out = true; break;
  }
  if (number % 2 == 0) options.accepted = {Override::me12_strip, Override::boot_guard};
  return options;
}

// A clean that succeeded, told by diff.
std::optional<std::string> diff(const Guarded& input, Bytes cleaned) {
  Image before("variant.rom", ByteView(input.bytes()));
  Image after("cleaned.rom", ByteView(cleaned));
  const auto report_before = examine(before, Depth::structure);
  const auto report_after = examine(after, Depth::structure);
  if (!report_before || !report_after) return std::nullopt;
  const Comparison comparison = compare(*report_before, before.bytes(), *report_after, after.bytes());
  if (comparison.same != equal(before.bytes().bytes(), after.bytes().bytes())) return "diff is wrong about equality";
  if (report::diff_text(*report_before, *report_after, comparison, {}).empty()) return "diff has no text";
  if (report::diff_json(*report_before, *report_after, comparison).empty()) return "diff has no JSON";
  return std::nullopt;
}

// Cleans; whatever succeeds must be right: the plan explains every byte, and cleaning again finds nothing to do.
std::optional<std::string> clean(const Guarded& input, std::uint64_t number) {
  const intel::CleanOptions options = options_for(number);
  Image image("variant.rom", ByteView(input.bytes()));
  recognise(image);
  auto plan = intel::plan_clean(image, options);
  if (!plan) return plan.error().message.empty() ? std::optional("clean fails without a message") : std::nullopt;
  const auto cleaned = intel::apply_clean(*plan, image);
  if (!cleaned) return std::nullopt;
  if (!verify_applied(plan->plan, ByteView(input.bytes()), ByteView(*cleaned)))
    return "the plan does not tell the result";
  const report::PlanReport shown{"variant.rom", input.bytes().size(), &plan->plan, image.bytes(),
                                 plan->notices, plan->costs,          {},          plan->minimum_size};
  if (report::to_text(shown, {}).empty() || report::to_json("clean", shown).empty()) return "clean has no report";
  if (!plan->me.empty() && plan->has_me_output && !intel::extracted_me(*plan, ByteView(*cleaned))) {
    return "the cleaned ME region cannot be extracted";
  }
  if (auto wrong = diff(input, *cleaned)) return wrong;

  Image again("cleaned.rom", ByteView(*cleaned));
  recognise(again);
  if (plan->plan.truncate_to) return std::nullopt;
  const auto second = intel::plan_clean(again, options);
  // Cleaning may leave nothing that a second run can read: an erased region. It must not find new work.
  if (second && !second->plan.empty()) {
    return fmt::format("cleaning again would change {} more ranges, the first at {:#x} ({})", second->plan.edits.size(),
                       second->plan.edits.empty() ? 0 : second->plan.edits.front().range.offset,
                       second->plan.edits.empty() ? "" : second->plan.edits.front().reason);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> try_library(const Variant& variant, std::uint64_t number) {
  const Guarded input(variant.bytes);
  if (auto wrong = inspect(input)) return wrong;
  return clean(input, number);
}

}  // namespace quell::campaign
