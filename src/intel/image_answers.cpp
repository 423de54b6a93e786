// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/image_answers.h"

#include <algorithm>

#include <fmt/format.h>

#include "intel/region_report.h"
#include "quell/statement.h"

namespace quell::intel {
namespace {

using Stack = Manageability::Stack;

// What becomes of the engine when a machine starts with this image.
enum class Fate { runs, halted, stripped, no_firmware };

Fate fate_of(const Examined& examined) {
  const Firmware& firmware = firmware_of(examined);
  const auto& bits = disable_bits_of(examined);
  const bool erased = firmware.descriptor && !firmware.region.empty() && firmware.region.filled_with(std::byte{0xFF});
  if (erased && !cse_of(examined)) return Fate::no_firmware;
  if (bits && bits->set() == true) return Fate::halted;
  return firmware.me && clean_state(*firmware.me).stripped ? Fate::stripped : Fate::runs;
}

// What a cleaner has taken away says nothing over the network any more.
void correct(Manageability& found, const Examined& examined, Fate fate) {
  const Firmware& firmware = firmware_of(examined);
  if (fate == Fate::no_firmware) {
    found = {.stack = Stack::none, .reason = "there is no firmware in the ME region"};
  } else if (firmware.me && clean_state(*firmware.me).stripped) {
    found = {.stack = Stack::none, .reason = "only the bring-up code is left of the firmware"};
  } else if (found.stack == Stack::not_told && found.reason.empty()) {
    found.reason = "this file holds no firmware of the engine that can be read";
  }
}

ShortAnswer seen(Asked asked, Holds holds, std::string text) {
  return {asked, holds, Basis::observed, std::move(text)};
}

void answer_running(EngineReport& report, Fate fate) {
  switch (fate) {
    case Fate::runs: return;
    case Fate::halted:
      report.answers.push_back(
          seen(Asked::runs_beside, Holds::no, "the disable bit is set, so it halts after bring-up"));
      return;
    case Fate::stripped:
      report.answers.push_back(
          seen(Asked::runs_beside, Holds::no, "its modules were removed, so it halts after bring-up"));
      return;
    case Fate::no_firmware:
      report.answers.push_back(seen(Asked::starts_before, Holds::no, "its firmware region is erased"));
      report.answers.push_back(seen(Asked::runs_beside, Holds::no, "its firmware region is erased"));
      return;
  }
}

void answer_network(EngineReport& report, Fate fate) {
  const Manageability& found = report.manageability;
  switch (found.stack) {
    case Stack::none:
      report.answers.push_back(seen(Asked::network, Holds::no, found.reason));
      report.answers.push_back(seen(Asked::reachable, Holds::no, "there is no network stack"));
      return;
    case Stack::present:
      report.answers.push_back(seen(Asked::network, Holds::yes, found.reason));
      report.answers.push_back(
          fate == Fate::halted
              ? seen(Asked::reachable, Holds::no, "nobody while the disable bit keeps it halted")
              : seen(Asked::reachable, Holds::partly, "once it is set up; an image does not show whether it is"));
      return;
    case Stack::not_told:
      report.answers.push_back(seen(Asked::network, Holds::unknown, "not told: " + found.reason));
      report.answers.push_back(
          seen(Asked::reachable, Holds::unknown, "not told: whether it has a network stack is not known"));
      return;
  }
}

const Action* first(const EngineReport& report, Action::State state) {
  const auto found = std::ranges::find(report.actions, state, &Action::state);
  return found == report.actions.end() ? nullptr : &*found;
}

ShortAnswer switch_off(const EngineReport& report, Fate fate) {
  if (fate == Fate::halted) return seen(Asked::switch_off, Holds::yes, "that is done: the disable bit is set");
  if (fate == Fate::stripped) return seen(Asked::switch_off, Holds::yes, "that is done: its modules were removed");
  if (fate == Fate::no_firmware) return seen(Asked::switch_off, Holds::yes, "that is done: its firmware is gone");
  std::string offers;
  for (const Action& action : report.actions) {
    if (action.state == Action::State::available)
      offers += fmt::format("{}{}", offers.empty() ? "" : "; ", action.title);
  }
  if (!offers.empty()) {
    const Statement* cost = statement_on(report.engine, "switch-off-cost");
    return seen(Asked::switch_off, Holds::yes,
                fmt::format("`quell clean` can {}; it costs: {}", offers, cost == nullptr ? "" : cost->short_answer));
  }
  if (const Action* refused = first(report, Action::State::refused))
    return seen(Asked::switch_off, Holds::unknown, "not by itself: " + refused->reason);
  if (const Action* impossible = first(report, Action::State::impossible))
    return seen(Asked::switch_off, Holds::unknown, "not in this file: " + impossible->reason);
  return seen(Asked::switch_off, Holds::unknown, "nothing in this file tells");
}

}  // namespace

void answer(EngineReport& report, const Examined& examined) {
  const Fate fate = fate_of(examined);
  correct(report.manageability, examined, fate);
  answer_running(report, fate);
  answer_network(report, fate);
  report.answers.push_back(switch_off(report, fate));
}

}  // namespace quell::intel
