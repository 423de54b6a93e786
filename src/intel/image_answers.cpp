// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/image_answers.h"

#include <algorithm>

#include <fmt/format.h>

#include "intel/disable_bit.h"
#include "intel/region_report.h"
#include "quell/statement.h"

namespace quell::intel {
namespace {

using Stack = Manageability::Stack;

// What becomes of the engine when a machine starts with this image.
enum class Fate { runs, halted, not_told, stripped, no_firmware };

Fate fate_of(const Examined& examined) {
  const Firmware& firmware = firmware_of(examined);
  const auto& bits = disable_bits_of(examined);
  const bool erased = firmware.descriptor && !firmware.region.empty() && firmware.region.filled_with(std::byte{0xFF});
  if (erased && !cse_of(examined)) return Fate::no_firmware;
  if (bits && bits->halts()) return Fate::halted;
  if (firmware.me && clean_state(*firmware.me).stripped) return Fate::stripped;
  return bits && bits->set() == true ? Fate::not_told : Fate::runs;
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

// On the oldest chipsets the bit keeps the engine from starting at all, on all others it halts after bring-up.
std::string bit_is_set(const Examined& examined) {
  const auto& found = disable_bits_of(examined);
  const bool confirmed = found && std::ranges::all_of(found->bits, [](const DisableBit& bit) {
                           return bit.evidence == Evidence::confirmed;
                         });
  return confirmed ? "the disable bit is set" : "the disable bit is set, at a place that is reported and not confirmed";
}

constexpr std::string_view bit_of_server =
    "not told: the disable bit is set, and server firmware (SPS) is not known to obey it";

void answer_running(EngineReport& report, const Examined& examined, Fate fate) {
  switch (fate) {
    case Fate::runs: return;
    case Fate::halted:
      report.answers.push_back(
          seen(Asked::runs_beside, Holds::no, bit_is_set(examined) + ": it stops before the OS starts"));
      return;
    case Fate::not_told:
      report.answers.push_back(seen(Asked::runs_beside, Holds::unknown, std::string(bit_of_server)));
      return;
    case Fate::stripped:
      report.answers.push_back(
          seen(Asked::runs_beside, Holds::no, "its modules were removed: it stops before the OS starts"));
      return;
    case Fate::no_firmware:
      report.answers.push_back(seen(Asked::starts_before, Holds::no, "its firmware region is erased"));
      report.answers.push_back(seen(Asked::runs_beside, Holds::no, "its firmware region is erased"));
      return;
  }
}

ShortAnswer nobody_while_halted() {
  return seen(Asked::reachable, Holds::no, "nobody while the disable bit keeps it halted");
}

void answer_network(EngineReport& report, Fate fate) {
  const Manageability& found = report.manageability;
  switch (found.stack) {
    case Stack::none:
      report.answers.push_back(seen(Asked::network, Holds::no, found.reason));
      report.answers.push_back(seen(Asked::reachable, Holds::no, "it has no network of its own"));
      return;
    case Stack::present:
      report.answers.push_back(seen(Asked::network, Holds::yes, found.reason));
      report.answers.push_back(fate == Fate::halted ? nobody_while_halted()
                                                    : seen(Asked::reachable, Holds::partly,
                                                           "once AMT is set up; an image does not show whether it is"));
      return;
    case Stack::not_told:
      report.answers.push_back(seen(Asked::network, Holds::unknown, "not told: " + found.reason));
      report.answers.push_back(
          fate == Fate::halted
              ? nobody_while_halted()
              : seen(Asked::reachable, Holds::unknown, "not told: whether it has a network of its own is not known"));
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
                fmt::format("`quell clean` can {}; it costs {}", offers, cost == nullptr ? "" : cost->short_answer));
  }
  if (fate == Fate::not_told) return seen(Asked::switch_off, Holds::unknown, std::string(bit_of_server));
  if (const Action* refused = first(report, Action::State::refused))
    return seen(Asked::switch_off, Holds::unknown, "`quell clean` refuses it: " + refused->reason);
  if (const Action* impossible = first(report, Action::State::impossible))
    return seen(Asked::switch_off, Holds::unknown, "not in this file: " + impossible->reason);
  return seen(Asked::switch_off, Holds::unknown, "nothing in this file tells");
}

}  // namespace

void answer(EngineReport& report, const Examined& examined) {
  const Fate fate = fate_of(examined);
  correct(report.manageability, examined, fate);
  answer_running(report, examined, fate);
  answer_network(report, fate);
  report.answers.push_back(switch_off(report, fate));
}

}  // namespace quell::intel
