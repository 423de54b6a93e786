// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"

#include "base/budget.h"

#include <algorithm>

namespace quell {

std::string_view to_string(Action::State state) noexcept {
  switch (state) {
    case Action::State::available: return "available";
    case Action::State::done: return "done";
    case Action::State::refused: return "refused";
    case Action::State::impossible: return "impossible";
  }
  return "unknown";
}

std::string_view to_string(EngineState state) noexcept {
  switch (state) {
    case EngineState::stripped: return "stripped";
    case EngineState::shortened: return "shortened by design";
    case EngineState::disabled: return "disabled";
    case EngineState::unread: return "not read or erased";
  }
  return "unknown";
}

bool EngineReport::is(EngineState state) const noexcept { return std::ranges::find(states, state) != states.end(); }

void EngineReport::add(EngineState state) {
  const auto place = std::ranges::lower_bound(states, state);
  if (place == states.end() || *place != state) states.insert(place, state);
}

void add_structure_check(EngineReport& report, std::string subject) {
  const bool whole = std::ranges::none_of(report.findings, [](const Finding& finding) {
    return finding.question == Question::structure && finding.severity >= Severity::error;
  });
  report.tree.checks.push_back({.question = Question::structure,
                                .state = check_state(whole),
                                .subject = std::move(subject),
                                .range = report.tree.range,
                                .reason = whole ? "" : "parts of it are not whole"});
}

Examined::Examined(const Image& image) : image_(&image), budget_(std::make_shared<Budget>(image.bytes().size())) {}

const Result<flash::FlashDescriptor>& Examined::descriptor() const {
  if (!descriptor_ && image_->descriptor) descriptor_ = *image_->descriptor;
  if (!descriptor_) descriptor_ = flash::parse_descriptor(ByteView(image_->body().bytes()));
  return *descriptor_;
}

std::optional<Recognition> Engine::recognise(ByteView /*file*/) const { return std::nullopt; }

std::optional<Recognition> Engine::recognise_inside(ByteView /*file*/) const { return std::nullopt; }

std::vector<EngineReport> Engine::look(const Examined& /*examined*/, Depth /*depth*/) const { return {}; }

std::vector<Artifact> Engine::artifacts(const Examined& /*examined*/) const { return {}; }

std::vector<EngineStatus> Engine::live(const host::Root& /*root*/, const host::Machine& /*machine*/,
                                       const StatusOptions& /*options*/) const {
  return {};
}

Result<QuietPlan> Engine::quiet(const Examined& /*examined*/, const QuietOptions& /*options*/) const {
  return fail(Errc::unsupported, "nothing is known that switches this engine off");
}

}  // namespace quell
