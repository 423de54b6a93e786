// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/watch.h"

#include <algorithm>

#include <fmt/format.h>

namespace quell {

using namespace host;

namespace {

constexpr double tick = 10;             // seconds between looks at the clocks
constexpr double beat = 30;             // seconds between heartbeats
constexpr double sleep_jump = 5;        // BOOTTIME running ahead of MONOTONIC by more is a sleep
constexpr double watchdog_from = 1710;  // an uptime of 28.5 to 32 minutes at power loss is the watchdog's time
constexpr double watchdog_to = 1920;
constexpr unsigned most_events = 2;  // watchdog events after which no further watch starts by itself

std::string minutes(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

bool counts_as_off(const WatchSample& sample) {
  return is_off(sample.counts_as_disabled) || sample.counts_as_disabled == CountsAsDisabled::after_watch;
}

WatchOutcome watchdog_armed(const WatchRecord& now) {
  return {
      "watchdog-armed",
      fmt::format("The engine's watchdog is armed: the machine will power off at the latest 30 minutes after it was "
                  "switched on. It has been up for {}.",
                  minutes(now.clocks.boottime)),
      "Save your work now, shut down in good order before minute 29, and write the backup back to the chip.",
      now,
      {}};
}

std::optional<WatchOutcome> judge_sample(const WatchRecord& now, Verdict first, const WatchOptions& options) {
  const WatchSample& sample = now.sample;
  if (sample.verdict == Verdict::watchdog_pending) return watchdog_armed(now);
  if (!options.any_state && sample.counts_as_disabled == CountsAsDisabled::no) {
    return WatchOutcome{
        "not-disabled",
        "The engine is not disabled (" + words_of(sample.verdict).title + "): the change did not reach the chip.",
        "Read the chip again and compare; use --any-state to watch for the watchdog alone.",
        now,
        {}};
  }
  if (sample.verdict != first && sample.verdict != Verdict::unknown && first != Verdict::unknown) {
    return WatchOutcome{"verdict-changed",
                        "The engine's state changed from \"" + words_of(first).title + "\" to \"" +
                            words_of(sample.verdict).title + "\".",
                        "Start the machine cold and run the watch again.",
                        now,
                        {}};
  }
  return std::nullopt;
}

WatchOutcome success(const WatchRecord& now) {
  const bool known = counts_as_off(now.sample);
  return {known ? "success" : "success-state-unknown",
          fmt::format("No watchdog: {} awake without a break. The engine: {}.", minutes(now.awake),
                      words_of(now.sample.verdict).title),
          known
              ? ""
              : "The engine's own state is another question; `quell status` as root or a dump of the chip answers it.",
          now,
          {}};
}

WatchOutcome suspected(const EarlierWatch& earlier) {
  return {"watchdog-suspected",
          fmt::format("The last watch broke off at an uptime of {} to {} without a shutdown: that is when the engine's "
                      "watchdog cuts the power.{}",
                      minutes(earlier.last_uptime), minutes(earlier.last_uptime + beat),
                      earlier.watchdog_events >= most_events ? " It happened before." : ""),
          "Write the backup back to the chip, or find the cause (some firmware has its own limit; a wrong CPU on HM70, "
          "Boot Guard and overheating look alike). `quell watch --again` starts another watch.",
          {},
          earlier};
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
  end.detail = outcome.verdict;
  QUELL_CHECK(machine.append(to_line(end)));
  return outcome;
}

}  // namespace

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
  if (refuse && !options.ignore_earlier) return suspected(earlier);

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
      if (auto bad = judge_sample(now, first_verdict, options)) {
        bad->earlier = earlier;
        return finish(machine, *std::move(bad), "fail");
      }
    }
    machine.progress(now, options.wanted);
    if (now.awake >= options.wanted) {
      WatchOutcome good = success(now);
      good.earlier = earlier;
      return finish(machine, std::move(good), "success");
    }
    if (const std::string stop = machine.wait(tick); !stop.empty()) {
      WatchOutcome stopped{"stopped", fmt::format("Stopped after {} awake; nothing is proven yet.", minutes(now.awake)),
                           "Run `quell watch` again; a machine that did not sleep since power-on has its time counted.",
                           now, earlier};
      return finish(machine, std::move(stopped), stop);
    }
  }
}

}  // namespace quell
