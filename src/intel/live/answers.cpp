// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/live/answers.h"

#include <algorithm>

#include <fmt/format.h>

#include "intel/live/hfsts.h"
#include "quell/statement.h"

namespace quell::intel::live {
namespace {

using SetUp = Manageability::SetUp;
using Stack = Manageability::Stack;

// Whether the firmware does its work at the moment.
enum class Work { at_work, halted, not_told, contradictory };

Work work_of(const EngineStatus& engine) {
  // Nothing but an engine at work tells whether it has AMT.
  const bool answered = engine.manageability.stack != Stack::not_told;
  if (answered && is_off(engine.counts_as_disabled)) return Work::contradictory;
  if (engine.verdict == Verdict::watchdog_pending) return Work::not_told;
  switch (engine.counts_as_disabled) {
    case CountsAsDisabled::yes:
    case CountsAsDisabled::yes_until_re_enabled:
    case CountsAsDisabled::after_watch: return Work::halted;
    case CountsAsDisabled::inconclusive: return Work::not_told;
    case CountsAsDisabled::only_if_intended:
    case CountsAsDisabled::no: break;
  }
  return Work::at_work;
}

void say(EngineStatus& engine, Asked asked, Holds holds, std::string text) {
  engine.answers.push_back({asked, holds, Basis::observed, std::move(text)});
}

void answer_running(EngineStatus& engine, Work work) {
  switch (work) {
    case Work::halted: return say(engine, Asked::runs_beside, Holds::no, engine.verdict_title + ", after bring-up");
    case Work::not_told: return say(engine, Asked::runs_beside, Holds::unknown, engine.verdict_title);
    case Work::contradictory:
      return say(engine, Asked::runs_beside, Holds::unknown,
                 fmt::format("the registers say \"{}\", but the engine answers", engine.verdict_title));
    case Work::at_work: return say(engine, Asked::runs_beside, Holds::yes, engine.verdict_title);
  }
}

// Firmware for consumer machines and Chromebooks, by the register that names its kind; values of data/hfsts-values.csv.
std::string_view kind_without_amt(const EngineStatus& engine) {
  const auto sku = field_value(engine.fields, "sku");
  return sku == 2U ? "consumer firmware" : sku == 5U ? "lite firmware for Chromebooks" : "";
}

// Server firmware, consumer firmware and TXE never have AMT.
Manageability known_without_asking(const Situation& situation, const EngineStatus& engine, Work work) {
  if (engine.manageability.stack != Stack::not_told) return engine.manageability;
  switch (situation.generation.kind) {
    case Product::sps:
      return {.stack = Stack::none, .reason = "server firmware has no AMT: remote management is the BMC's"};
    case Product::txe: return {.stack = Stack::none, .reason = "TXE firmware never has AMT"};
    case Product::me: break;
  }
  if (work == Work::halted) return {.reason = "not told: while it is halted it does not say whether it has AMT"};
  if (const std::string_view kind = kind_without_amt(engine); work == Work::at_work && !kind.empty())
    return {.stack = Stack::none, .reason = fmt::format("{}, which has no AMT", kind)};
  return {.reason =
              "not told: the engine was not asked whether it has AMT, or did not answer (as root `quell status` "
              "asks it)"};
}

void answer_reachable(EngineStatus& engine, Work work) {
  const Manageability& known = engine.manageability;
  if (known.stack == Stack::none)
    return say(engine, Asked::reachable, Holds::no, "it has no network of its own at work");
  if (work == Work::halted) return say(engine, Asked::reachable, Holds::no, "nobody while it is halted");
  if (known.stack == Stack::not_told)
    return say(engine, Asked::reachable, Holds::unknown, "not told: whether it has AMT is not known");
  switch (known.set_up) {
    case SetUp::yes:
      return say(engine, Asked::reachable, Holds::yes, "AMT is set up, for whoever holds its password or certificate");
    case SetUp::under_way: return say(engine, Asked::reachable, Holds::partly, "AMT is being set up");
    case SetUp::no:
      return say(
          engine, Asked::reachable, Holds::no,
          "AMT is not set up, so nobody reaches it; somebody could set it up in its menu (MEBx), with a USB stick "
          "or from a server");
    case SetUp::not_told:
      return say(engine, Asked::reachable, Holds::unknown, "not told: whether AMT is set up, the engine tells root");
  }
}

void answer_network(EngineStatus& engine) {
  const Manageability& known = engine.manageability;
  switch (known.stack) {
    case Stack::none: return say(engine, Asked::network, Holds::no, known.reason);
    case Stack::present: return say(engine, Asked::network, Holds::yes, known.reason);
    case Stack::not_told: return say(engine, Asked::network, Holds::unknown, known.reason);
  }
}

void answer_switch_off(const Situation& situation, EngineStatus& engine, Work work) {
  if (work == Work::halted)
    return say(engine, Asked::switch_off, Holds::yes, fmt::format("that is done ({})", engine.verdict_title));
  if (work == Work::contradictory)
    return say(engine, Asked::switch_off, Holds::unknown, "whether that is done, a cold start may tell");
  if (situation.behind_t2)
    return say(engine, Asked::switch_off, Holds::no, "the T2 holds its firmware: there is no flash chip to be written");
  const bool offered = std::ranges::any_of(engine.options, by_cleaning, &QuietingOption::does);
  if (offered) {
    const Statement* cost = statement_on("intel-me", "switch-off-cost");
    return say(engine, Asked::switch_off, Holds::yes,
               fmt::format("by writing its flash chip, mostly with a clip (`quell guide`); it costs {}",
                           cost == nullptr ? "" : cost->short_answer));
  }
  if (situation.generation.kind == Product::sps)
    return say(engine, Asked::switch_off, Holds::no, "server boards need this firmware");
  if (work == Work::at_work && nothing_stops(situation)) {
    return say(engine, Asked::switch_off, Holds::no,
               "nothing that can be written to its flash chip is known to stop it");
  }
  say(engine, Asked::switch_off, Holds::unknown, "a dump of the flash chip tells (`quell inspect`)");
}

}  // namespace

void answer(const Situation& situation, EngineStatus& engine) {
  const Work work = work_of(engine);
  engine.manageability = known_without_asking(situation, engine, work);
  answer_running(engine, work);
  answer_network(engine);
  answer_reachable(engine, work);
  answer_switch_off(situation, engine, work);
}

}  // namespace quell::intel::live
