// SPDX-License-Identifier: GPL-2.0-or-later
// The watch on a simulated machine: clocks, sleeps, reboots and power losses happen as the test says.
#include "survey/watch.h"
#include "report/watch.h"

#include <gmock/gmock.h>

namespace quell {
namespace {

using testing::HasSubstr;

class Simulation final : public WatchedMachine {
 public:
  double uptime = 60;
  double slept = 0;
  std::string id = "boot-a";
  std::string journal{};
  WatchSample engine{Verdict::disabled_hap, CountsAsDisabled::yes, 0x00020191U, 0x100A0000U, true};
  std::function<std::string(Simulation&)> event{};  // called after each wait
  double wall_shift = 0;
  bool disk_full = false;

  [[nodiscard]] WatchClocks clocks() const override { return {uptime, uptime - slept, "2026-01-01T00:00:00Z"}; }
  [[nodiscard]] std::string boot_id() const override { return id; }
  [[nodiscard]] WatchSample sample() const override { return engine; }
  [[nodiscard]] std::string wait(double seconds) override {
    uptime += seconds;
    return event ? event(*this) : std::string();
  }
  [[nodiscard]] Result<std::string> load_journal() const override { return journal; }
  [[nodiscard]] Result<void> append(const std::string& line) override {
    if (disk_full) return fail(Errc::io, "No space left on device");
    journal += line;
    return {};
  }
  void progress(const WatchRecord& /*now*/, double /*wanted*/) override {}
};

std::string verdict_of(Simulation& machine, const WatchOptions& options = {}) {
  const auto outcome = watch(machine, options);
  return outcome ? std::string(to_string(outcome->verdict)) : outcome.error().message;
}

// Runs until the power goes at this uptime, without an end line.
std::string journal_until(double uptime, const std::string& stop = "") {
  struct PowerLoss {};
  Simulation machine;
  machine.event = [&](Simulation& self) -> std::string {
    if (self.uptime < uptime) return {};
    if (stop.empty()) throw PowerLoss();
    return stop;
  };
  try {
    static_cast<void>(watch(machine, {}));
  } catch (const PowerLoss&) {  // the machine is off: what stands in the journal is all there is
  }
  return machine.journal;
}

TEST(Watch, ThirtyFiveMinutesWithoutEventSucceed) {
  Simulation machine;
  EXPECT_EQ(verdict_of(machine), "success");
  EXPECT_NEAR(machine.uptime, 35 * 60, 15);
  EXPECT_LT(read_journal(machine.journal).size(), 200U);
  EXPECT_EQ(read_journal(machine.journal).back().cause, "success");
}

// Nothing can be waited for where no engine is seen.
TEST(Watch, WithoutAnIntelEngineItCannotBeTold) {
  Simulation machine;
  machine.engine.engine_seen = false;
  EXPECT_EQ(verdict_of(machine), "no-engine");
  EXPECT_EQ(machine.uptime, 60);
  EXPECT_EQ(machine.journal, "");
}

// Power-on is up to some minutes before the kernel's clock begins.
TEST(Watch, AStopMayBeTheWatchdogFromTwentyFiveToThirtyOneMinutes) {
  for (const auto& [minutes, suspected] : {std::pair(23, false), {25, true}, {28, true}, {30, true}, {33, false}}) {
    Simulation machine;
    machine.journal = journal_until(minutes * 60 + 20);
    machine.id = "boot-b";
    EXPECT_EQ(verdict_of(machine) == "watchdog-suspected", suspected) << minutes;
  }
}

TEST(Watch, ALateStartSucceedsAtOnce) {
  Simulation machine;
  machine.uptime = 50 * 60;
  EXPECT_EQ(verdict_of(machine), "success");
  EXPECT_EQ(machine.uptime, 50 * 60);
}

TEST(Watch, EverySuspendStartsTheTimeOver) {
  for (const int sleeps : {1, 2}) {
    Simulation machine;
    int left = sleeps;
    machine.event = [&left, sleeps](Simulation& self) -> std::string {
      if (left > 0 && self.uptime - self.slept >= 20 * 60 * (1 + sleeps - left)) {
        --left;
        self.uptime += 600;
        self.slept += 600;
      }
      return {};
    };
    const auto outcome = watch(machine, {});
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->verdict, WatchVerdict::success);
    EXPECT_EQ(outcome->last.sleeps, static_cast<unsigned>(sleeps));
    EXPECT_NEAR(outcome->last.awake, 35 * 60, 15);
    EXPECT_GT(machine.uptime - machine.slept, (20 * sleeps + 30) * 60);
  }
}

TEST(Watch, AMachineThatSleptBeforeHasNoHeadStart) {
  Simulation machine;
  machine.uptime = 50 * 60;
  machine.slept = 49 * 60;
  EXPECT_EQ(verdict_of(machine), "success");
  EXPECT_GE(machine.uptime, (50 + 35) * 60 - 15);
}

TEST(Watch, AnArmedWatchdogIsToldAtOnce) {
  Simulation machine;
  machine.engine = {Verdict::watchdog_pending, CountsAsDisabled::no, 0x00003006U, 0x80040000U, {}};
  const auto outcome = watch(machine, {});
  EXPECT_EQ(outcome->verdict, WatchVerdict::watchdog_armed);
  EXPECT_THAT(report::to_text(*outcome, {}), HasSubstr("Next: Save your work"));
  EXPECT_EQ(machine.uptime, 60);
}

TEST(Watch, ARunningEngineFailsUnlessAnyStateWillDo) {
  Simulation machine;
  machine.engine = {Verdict::running, CountsAsDisabled::no, 0x1E000245U, {}, {}};
  EXPECT_EQ(verdict_of(machine), "not-disabled");
  Simulation again;
  again.engine = machine.engine;
  WatchOptions options;
  options.any_state = true;
  EXPECT_EQ(verdict_of(again, options), "success-state-unknown");
}

TEST(Watch, AnUnreadableEngineLeavesTheWatchdogQuestionOnly) {
  Simulation machine;
  machine.engine = {};
  EXPECT_EQ(verdict_of(machine), "success-state-unknown");
}

TEST(Watch, AVerdictThatChangesFails) {
  Simulation machine;
  machine.event = [](Simulation& self) -> std::string {
    if (self.uptime > 600)
      self.engine = {Verdict::halted_image_failure, CountsAsDisabled::after_watch, 0x1E003052U, {}, {}};
    return {};
  };
  EXPECT_EQ(verdict_of(machine), "verdict-changed");
}

TEST(Watch, PowerLossAtTheWatchdogsTimeIsSuspected) {
  Simulation machine;
  machine.journal = journal_until(29 * 60 + 45);
  machine.id = "boot-b";
  const auto outcome = watch(machine, {});
  EXPECT_EQ(outcome->verdict, WatchVerdict::watchdog_suspected);
  EXPECT_EQ(outcome->earlier.watchdog_events, 1U);
}

TEST(Watch, AShutdownAtThatTimeIsNoFault) {
  Simulation machine;
  machine.journal = journal_until(29 * 60 + 45, "shutdown");
  machine.id = "boot-b";
  EXPECT_EQ(verdict_of(machine), "success");
}

TEST(Watch, PowerLossAtAnotherTimeStartsOver) {
  Simulation machine;
  machine.journal = journal_until(12 * 60);
  machine.id = "boot-b";
  const auto outcome = watch(machine, {});
  EXPECT_EQ(outcome->verdict, WatchVerdict::success);
  EXPECT_EQ(outcome->earlier.how, Earlier::power_lost);
}

TEST(Watch, TwoWatchdogEventsRefuseAThirdWatchUnlessAskedFor) {
  Simulation machine;
  machine.journal = journal_until(29 * 60 + 45) + journal_until(29 * 60 + 45);
  machine.id = "boot-b";
  const auto outcome = watch(machine, {});
  EXPECT_EQ(outcome->verdict, WatchVerdict::watchdog_suspected);
  EXPECT_EQ(outcome->earlier.watchdog_events, 2U);
  WatchOptions options;
  options.ignore_earlier = true;
  EXPECT_EQ(verdict_of(machine, options), "success");
}

TEST(Watch, ABrokenLastLineIsPassedOver) {
  Simulation machine;
  machine.journal = journal_until(29 * 60 + 45) + R"({"schema":"quell-watch/1","kind":"beat","boottime":)";
  machine.id = "boot-b";
  EXPECT_EQ(verdict_of(machine), "watchdog-suspected");
  EXPECT_TRUE(read_journal("garbage\n{}\n[1]\n{\"schema\":\"other\"}\n").empty());
}

TEST(Watch, TheSameBootGoesOnWithoutFault) {
  Simulation machine;
  machine.journal = journal_until(12 * 60);
  machine.uptime = 12 * 60;
  EXPECT_EQ(verdict_of(machine), "success");
  EXPECT_NEAR(machine.uptime, 35 * 60, 15);
}

TEST(Watch, AStopIsWrittenDown) {
  Simulation machine;
  machine.event = [](Simulation& self) { return std::string(self.uptime > 300 ? "user-stop" : ""); };
  EXPECT_EQ(verdict_of(machine), "stopped");
  EXPECT_EQ(read_journal(machine.journal).back().cause, "user-stop");
}

TEST(Watch, AJournalThatCannotBeWrittenIsAnError) {
  Simulation machine;
  machine.disk_full = true;
  EXPECT_THAT(verdict_of(machine), HasSubstr("No space left"));
}

TEST(Watch, TheJournalKeepsTheLastTen) {
  std::string text;
  for (int i = 0; i < 15; ++i) text += journal_until(120, "user-stop");
  const auto trimmed = read_journal(trim_journal(text, 10));
  EXPECT_EQ(std::count_if(trimmed.begin(), trimmed.end(),
                          [](const WatchRecord& one) { return one.kind == WatchRecord::Kind::start; }),
            10);
  EXPECT_EQ(trimmed.front().kind, WatchRecord::Kind::start);
}

}  // namespace
}  // namespace quell
