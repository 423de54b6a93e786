// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "intel/disable_report.h"

namespace quell::intel {
namespace {

std::string place_text(const std::vector<DisableBit>& bits) {
  std::vector<std::string> places;
  places.reserve(bits.size());
  for (const DisableBit& bit : bits) places.push_back(fmt::format("{:#x}:{}", bit.byte_offset(), bit.bit % 8));
  return fmt::format("{}", fmt::join(places, ", "));
}

std::vector<std::string> texts(const std::vector<DisableBit>& bits) {
  std::vector<std::string> out;
  out.reserve(bits.size());
  for (const DisableBit& bit : bits) out.push_back(bit.families + " " + to_string(bit));
  return out;
}

void add_facts(Attributes& facts, const DisableBits& found) {
  facts.set("platform", found.platform.name);
  if (!found.platform.title.empty()) facts.set("platform_title", found.platform.title);
  facts.set("platform_confidence", std::string(to_string(found.platform.confidence)));
  facts.set("platform_evidence", found.platform.evidence);
  const auto set = found.set();
  facts.set("disable_bit_set", set ? Value(*set) : Value(Unknown{}));
  if (!found.bits.empty()) {
    facts.set("disable_bit", place_text(found.bits));
    facts.set("disable_bit_name",
              fmt::format("{} bit {}, {}", found.bits[0].strap, found.bits[0].bit, found.bits[0].name));
    facts.set("disable_bit_evidence", std::string(to_string(found.bits[0].evidence)));
    facts.set("disable_bit_source", found.bits[0].source);
  } else if (!found.candidates.empty()) {
    facts.set("disable_bit_candidates", texts(found.candidates));
  }
}

void add_state_finding(EngineReport& report, const DisableBits& found) {
  const auto set = found.set();
  if (!set) return;
  const DisableBit& bit = found.bits.front();
  report.findings.push_back(
      {.id = *set ? "intel.disable-bit.set" : "intel.disable-bit.not-set",
       .question = Question::descriptor,
       .severity = Severity::info,
       .title = fmt::format("the disable bit is {}: {} bit {} at {}", *set ? "set" : "not set", bit.strap, bit.bit,
                            place_text(found.bits)),
       .detail = fmt::format("{} ({}). {}.", found.platform.name, to_string(found.platform.confidence), bit.source),
       .range = Range{bit.offset, 4}});
}

void add_trace_findings(EngineReport& report, const DisableBits& found) {
  for (const DisableBit& trace : found.traces) {
    report.findings.push_back(
        {.id = "intel.disable-bit.trace",
         .question = Question::descriptor,
         .severity = Severity::warning,
         .title = fmt::format("bit {} of {} is set, which is not the disable bit on {}", trace.bit, trace.strap,
                              found.platform.name),
         .detail = "It is clear in every original descriptor of this platform that is known, so another tool may have "
                   "set it there. Its meaning is unknown.",
         .advice = "compare with the original dump; it is never cleared without being asked for",
         .range = Range{trace.offset, 4}});
  }
}

// Refusals that are worth knowing of an image that nobody wants to change.
struct OfRefusal {
  std::string_view refusal;
  std::string_view finding;
};
constexpr std::array<OfRefusal, 3> of_refusals{{{"copies-differ", "intel.descriptor.copies-differ"},
                                                {"verified", "intel.descriptor.verified"},
                                                {"platform-conflict", "intel.descriptor.platform-conflict"}}};

void add_protection_findings(EngineReport& report, const DisableBits& found) {
  for (const Refusal& refusal : found.refusals) {
    const auto known = std::ranges::find(of_refusals, refusal.id, &OfRefusal::refusal);
    if (known == of_refusals.end()) continue;
    report.findings.push_back({.id = std::string(known->finding),
                               .question = Question::descriptor,
                               .severity = Severity::warning,
                               .title = refusal.reason,
                               .range = found.verification});
  }
  for (const Finding& warning : found.warnings) {
    // The lock is the layout's own finding.
    if (warning.question != Question::access) report.findings.push_back(warning);
  }
}

Action action_of(const DisableBits& found) {
  Action action{.id = "soft-disable", .title = "set the disable bit"};
  if (found.set() == true) {
    action.state = Action::State::done;
    action.reason = fmt::format("{} is set{}", place_text(found.bits),
                                found.of_server() ? ", but server firmware (SPS) is not known to obey it" : "");
    return action;
  }
  if (!found.ready()) {
    action.state = Action::State::refused;
    action.reason = found.refusals.front().reason;
    action.lifted_by = lifted_by(found.refusals);
    return action;
  }
  action.state = Action::State::available;
  action.reason =
      fmt::format("{}, {}: {}", found.platform.name, to_string(found.platform.confidence), found.bits.front().source);
  for (const DisableBit& bit : found.bits) action.effects.push_back("set " + to_string(bit));
  action.costs = found.effects;
  return action;
}

}  // namespace

void report_disable_bit(EngineReport& report, const DisableBits& found) {
  add_facts(report.facts, found);
  if (found.halts()) report.add(EngineState::disabled);
  add_state_finding(report, found);
  add_trace_findings(report, found);
  add_protection_findings(report, found);
  report.actions.insert(report.actions.begin(), action_of(found));
}

void report_disable_bit(std::vector<EngineReport>& reports, const DisableBits& found,
                        const flash::FlashDescriptor& descriptor, ByteView body) {
  if (reports.empty()) {
    if (found.platform.families.empty()) return;
    const auto own = flash::is_descriptor_alone(descriptor, body) ? ", descriptor alone" : "";
    reports.push_back({.engine = "intel-me", .title = fmt::format("Intel ME on {}{}", found.platform.name, own)});
    reports.back().tree = {"me-region", "no firmware that is known", {}};
  }
  report_disable_bit(reports.front(), found);
}

}  // namespace quell::intel
