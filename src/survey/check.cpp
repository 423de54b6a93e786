// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/survey/check.h"

#include <algorithm>
#include <iterator>

#include "base/words.h"

namespace quell {
namespace {

std::string_view title_of(Question question) {
  switch (question) {
    case Question::size: return "the file is as long as the chip";
    case Question::blank: return "nothing is blank that should hold something";
    case Question::repeated: return "no area repeats";
    case Question::regions: return "regions lie inside the file and do not overlap";
    case Question::descriptor: return "the flash descriptor is sane";
    case Question::signatures: return "signatures hold";
    case Question::checksums: return "checksums are right";
    case Question::digests: return "digests match what they cover";
    case Question::structure: return "the engines' structures are whole";
    case Question::access: return "nobody may write what is not theirs";
  }
  return {};
}

// What is counted of a question; empty where there is never more than one.
std::string_view unit_of(Question question) {
  switch (question) {
    case Question::regions: return "region";
    case Question::signatures: return "signature";
    case Question::checksums: return "checksum";
    case Question::digests: return "digest";
    case Question::structure: return "structure";
    default: return {};
  }
}

// Questions about the image itself do not apply where the survey had no reason to ask them; what engines verify is
// not known where an engine verified nothing, and does not apply where there is none.
bool of_engines(Question question) { return !unit_of(question).empty() && question != Question::regions; }

CheckItem::State state_of(const CheckItem& item, bool engines) {
  Severity worst = Severity::info;
  for (const Finding& finding : item.findings) worst = std::max(worst, finding.severity);
  if (worst >= Severity::error) return CheckItem::State::failed;
  if (worst == Severity::warning) return CheckItem::State::warned;
  if (item.held() != 0) return CheckItem::State::passed;
  const bool applies = !item.checks.empty() || (engines && of_engines(item.question));
  return applies ? CheckItem::State::unknown : CheckItem::State::inapplicable;
}

void take(std::vector<CheckItem>& items, std::string_view engine, const std::vector<Check>& checks,
          const std::vector<Finding>& findings) {
  for (CheckItem& item : items) {
    for (const Check& check : checks) {
      if (check.question == item.question) item.checks.push_back({std::string(engine), check});
    }
    std::ranges::copy_if(findings, std::back_inserter(item.findings),
                         [&](const Finding& finding) { return finding.question == item.question; });
  }
}

}  // namespace

std::string_view to_string(CheckItem::State state) noexcept {
  switch (state) {
    case CheckItem::State::passed: return "passed";
    case CheckItem::State::warned: return "warned";
    case CheckItem::State::failed: return "failed";
    case CheckItem::State::unknown: return "unknown";
    case CheckItem::State::inapplicable: return "not applicable";
  }
  return "unknown";
}

std::size_t CheckItem::held() const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(checks, [](const AskedCheck& one) { return one.check.state == CheckState::held; }));
}

std::vector<CheckItem> check_items(const Report& report) {
  std::vector<CheckItem> items;
  for (const Question question : questions()) {
    items.push_back({.question = question, .title = std::string(title_of(question))});
  }
  take(items, {}, report.checks, report.findings);
  for (const EngineReport& engine : report.engines) take(items, engine.engine, engine.checks, engine.findings);
  for (CheckItem& item : items) {
    item.state = state_of(item, !report.engines.empty());
    const std::string_view unit = unit_of(item.question);
    const std::size_t held = item.held();
    if (held != 0 && !unit.empty()) item.note = count_text(held, unit);
  }
  return items;
}

std::vector<Finding> judge_content(Bytes content, const flash::ChipContext& chip) {
  Image image("content", ByteView(content));
  std::vector<Finding> findings;
  const auto take_grave = [&](const std::vector<Finding>& more) {
    std::ranges::copy_if(more, std::back_inserter(findings),
                         [](const Finding& finding) { return finding.severity >= Severity::warning; });
  };
  if (const auto report = examine(image, Depth::everything, chip)) {
    take_grave(report->findings);
    for (const EngineReport& engine : report->engines) take_grave(engine.findings);
  } else {
    take_grave(flash::audit_image(image, nullptr, Depth::everything, chip));
  }
  return findings;
}

std::size_t things_to_look_at(const std::vector<CheckItem>& items) noexcept {
  std::size_t out = 0;
  for (const CheckItem& item : items)
    out += static_cast<std::size_t>(std::ranges::count(item.findings, Severity::warning, &Finding::severity));
  return out;
}

bool sound(const std::vector<CheckItem>& items) noexcept {
  return std::ranges::none_of(items, [](const CheckItem& item) { return item.state == CheckItem::State::failed; });
}

}  // namespace quell
