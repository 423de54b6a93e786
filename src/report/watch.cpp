// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/watch.h"

#include <algorithm>

#include <fmt/format.h>

#include "report/document_text.h"
#include "report/documents.h"

namespace quell::report {
namespace {

constexpr double beat = 30;  // seconds that a heartbeat is old at most when the power goes

std::string minutes(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string what_came(const WatchOutcome& outcome) {
  const WatchRecord& now = outcome.last;
  const std::string& state = words_of(now.sample.verdict).title;
  switch (outcome.verdict) {
    case WatchVerdict::success:
    case WatchVerdict::success_state_unknown:
      return fmt::format("No watchdog: {} awake without a break. The engine: {}.", minutes(now.awake), state);
    case WatchVerdict::watchdog_armed:
      return fmt::format(
          "The engine's watchdog is armed: the machine will power off at the latest 30 minutes after it "
          "was switched on. It has been up for {}.",
          minutes(now.clocks.boottime));
    case WatchVerdict::not_disabled:
      return fmt::format("The engine is not disabled ({}): the change did not reach the chip.", state);
    case WatchVerdict::verdict_changed:
      return fmt::format("The engine's state changed from \"{}\" to \"{}\".", words_of(outcome.first).title, state);
    case WatchVerdict::watchdog_suspected:
      return fmt::format(
          "The last watch broke off at an uptime of {} to {} without a shutdown: that may be the "
          "engine's watchdog, which cuts the power 30 minutes after power-on.{}",
          minutes(outcome.earlier.last_uptime), minutes(outcome.earlier.last_uptime + beat),
          outcome.repeated ? " It happened before." : "");
    case WatchVerdict::stopped:
      return fmt::format("Stopped after {} awake; nothing is proven yet.", minutes(now.awake));
    case WatchVerdict::no_engine:
      return "It cannot be told here: no Intel engine is seen on this machine, so there is no watchdog to wait for.";
  }
  return {};
}

std::string_view advice_on(WatchVerdict verdict) {
  switch (verdict) {
    case WatchVerdict::success: return {};
    case WatchVerdict::success_state_unknown:
      return "The engine's own state is another question; `quell status` as root or a dump of the chip answers it.";
    case WatchVerdict::watchdog_armed:
      return "Save your work now, shut down in good order before minute 29, and write the backup back to the chip.";
    case WatchVerdict::not_disabled: return "Read the chip again and compare.";
    case WatchVerdict::verdict_changed: return "Start the machine cold and run the watch again.";
    case WatchVerdict::watchdog_suspected:
      return "Write the backup back to the chip, or find the cause (some firmware has its own limit; a wrong CPU on "
             "HM70, Boot Guard and overheating look alike).";
    case WatchVerdict::stopped:
      return "Run `quell watch` again; a machine that did not sleep since power-on has its time counted.";
    case WatchVerdict::no_engine:
      return "Run it on the machine whose chip was written; `quell status` says what is seen here.";
  }
  return {};
}

}  // namespace

doc::Document document_of(const WatchOutcome& outcome) {
  doc::Document out{"watch", {}};
  doc::Section& body = out.body;
  const auto seconds = [](double value) { return static_cast<std::uint64_t>(std::max(value, 0.0)); };
  const std::string_view advice = advice_on(outcome.verdict);
  body.field("verdict", {to_string(outcome.verdict), doc::As::state})
      .field("verdict_title", what_came(outcome))
      .field_unless_empty("advice", advice)
      .field("engine", {to_string(outcome.last.sample.verdict), doc::As::state})
      .field("seconds_awake", seconds(outcome.last.awake));
  if (outcome.earlier.how == Earlier::power_lost) {
    body.show(doc::Line{{{"The last watch ended by a power loss at another time than the watchdog's; this one started "
                          "over."}}},
              -1);
  }
  body.show(doc::Line{{{what_came(outcome)}}}, -1);
  if (!advice.empty()) body.show(doc::Line{{{fmt::format("Next: {}", advice)}}});
  return out;
}

std::string to_text(const WatchOutcome& outcome, const TextStyle& style) {
  return to_text(document_of(outcome).body, style);
}

}  // namespace quell::report
