// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/watch.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace quell {

using namespace host;

namespace {

constexpr double tick = 10;       // seconds between looks at the clocks
constexpr double beat = 30;       // seconds between heartbeats
constexpr double sleep_jump = 5;  // BOOTTIME running ahead of MONOTONIC by more is a sleep
// Uptimes at a power loss that may be the watchdog's: its 30 minutes run from power-on, which is some seconds to
// minutes before the kernel's clock.
constexpr double watchdog_from = 25 * 60;
constexpr double watchdog_to = 31 * 60;
constexpr unsigned most_events = 2;  // watchdog events after which no further watch starts by itself

bool counts_as_off(const WatchSample& sample) {
  return is_off(sample.counts_as_disabled) || sample.counts_as_disabled == CountsAsDisabled::after_watch;
}

std::optional<WatchVerdict> judge_sample(const WatchSample& sample, Verdict first, const WatchOptions& options) {
  if (sample.verdict == Verdict::watchdog_pending) return WatchVerdict::watchdog_armed;
  if (!options.any_state && sample.counts_as_disabled == CountsAsDisabled::no) return WatchVerdict::not_disabled;
  const bool known = sample.verdict != Verdict::unknown && first != Verdict::unknown;
  if (known && sample.verdict != first) return WatchVerdict::verdict_changed;
  return std::nullopt;
}

WatchVerdict success(const WatchSample& sample) {
  return counts_as_off(sample) ? WatchVerdict::success : WatchVerdict::success_state_unknown;
}

// Keeps the time awake: it starts over when the machine slept, and counts from power-on when it never did.
class AwakeTime {
 public:
  explicit AwakeTime(const WatchClocks& clocks)
      : last_(clocks), awake_(clocks.boottime - clocks.monotonic < sleep_jump ? clocks.boottime : 0) {}

  void advance(const WatchClocks& clocks) {
    const double slept = (clocks.boottime - clocks.monotonic) - (last_.boottime - last_.monotonic);
    if (slept > sleep_jump) {
      awake_ = 0;
      ++sleeps_;
    } else {
      awake_ += clocks.monotonic - last_.monotonic;
    }
    last_ = clocks;
  }
  [[nodiscard]] double awake() const noexcept { return awake_; }
  [[nodiscard]] unsigned sleeps() const noexcept { return sleeps_; }

 private:
  WatchClocks last_;
  double awake_;
  unsigned sleeps_ = 0;
};

Result<WatchOutcome> finish(WatchedMachine& machine, WatchOutcome outcome, std::string cause) {
  WatchRecord end = outcome.last;
  end.kind = WatchRecord::Kind::end;
  end.cause = std::move(cause);
  end.detail = to_string(outcome.verdict);
  QUELL_CHECK(machine.append(to_line(end)));
  return outcome;
}

}  // namespace

std::string_view to_string(WatchVerdict verdict) noexcept {
  constexpr std::array<std::string_view, 8> names{
      "success",         "success-state-unknown", "watchdog-armed", "not-disabled",
      "verdict-changed", "watchdog-suspected",    "stopped",        "no-engine"};
  return names.at(static_cast<std::size_t>(verdict));
}

EarlierWatch look_back(const std::vector<WatchRecord>& journal, std::string_view boot_id) {
  EarlierWatch out;
  for (std::size_t i = 0; i < journal.size(); ++i) {
    const WatchRecord& record = journal[i];
    const bool segment_ends = i + 1 == journal.size() || journal[i + 1].kind == WatchRecord::Kind::start;
    if (!segment_ends) continue;
    out.last_uptime = record.clocks.boottime;
    if (record.kind == WatchRecord::Kind::end) {
      const bool stopped = record.cause == "user-stop" || record.cause == "shutdown";
      out.how = stopped ? Earlier::interrupted_cleanly : Earlier::finished;
      if (record.cause == "success") out.watchdog_events = 0;
    } else if (record.boot_id == boot_id) {
      out.how = Earlier::same_boot;
    } else if (out.last_uptime >= watchdog_from - beat && out.last_uptime <= watchdog_to) {
      // Heartbeats are up to 30 s old when the power goes.
      out.how = Earlier::watchdog_suspected;
      ++out.watchdog_events;
    } else {
      out.how = Earlier::power_lost;
    }
  }
  return out;
}

Result<WatchOutcome> watch(WatchedMachine& machine, const WatchOptions& options) {
  QUELL_TRY(const std::string text, machine.load_journal());
  const std::string boot_id = machine.boot_id();
  const EarlierWatch earlier = look_back(read_journal(text), boot_id);
  const bool refuse = earlier.how == Earlier::watchdog_suspected || earlier.watchdog_events >= most_events;
  if (refuse && !options.ignore_earlier) {
    return WatchOutcome{.verdict = WatchVerdict::watchdog_suspected,
                        .earlier = earlier,
                        .repeated = earlier.watchdog_events >= most_events};
  }

  if (!machine.sample().engine_seen) return WatchOutcome{.verdict = WatchVerdict::no_engine, .earlier = earlier};
  AwakeTime time(machine.clocks());
  WatchRecord now;
  now.kind = WatchRecord::Kind::start;
  now.boot_id = boot_id;
  now.detail = options.any_state ? "any state" : "disabled";
  Verdict first_verdict = Verdict::unknown;
  double next_beat = 0;
  while (true) {
    now.clocks = machine.clocks();
    time.advance(now.clocks);
    now.awake = time.awake();
    now.sleeps = time.sleeps();
    if (now.clocks.monotonic >= next_beat) {
      now.sample = machine.sample();
      if (first_verdict == Verdict::unknown) first_verdict = now.sample.verdict;
      QUELL_CHECK(machine.append(to_line(now)));
      now.kind = WatchRecord::Kind::beat;
      now.detail.clear();
      next_beat = now.clocks.monotonic + beat;
      if (const auto bad = judge_sample(now.sample, first_verdict, options)) {
        return finish(machine, {*bad, now, first_verdict, earlier}, "fail");
      }
    }
    machine.progress(now, options.wanted);
    if (now.awake >= options.wanted) {
      return finish(machine, {success(now.sample), now, first_verdict, earlier}, "success");
    }
    if (const std::string stop = machine.wait(tick); !stop.empty()) {
      return finish(machine, {WatchVerdict::stopped, now, first_verdict, earlier}, stop);
    }
  }
}

}  // namespace quell
