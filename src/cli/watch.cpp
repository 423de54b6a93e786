// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/watch.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/file_descriptor.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "quell/mapped_file.h"
#include "quell/survey/status.h"
#include "report/watch.h"

namespace quell::cli {
namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t stop_signal = 0;

extern "C" void note_stop(int number) { stop_signal = number; }

double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// This machine; the engine may be that of a captured tree (--root), which is how the command is tried out.
class LiveMachine final : public WatchedMachine {
 public:
  LiveMachine(std::unique_ptr<host::Root> root, const fs::path& folder, bool quiet)
      : root_(std::move(root)), journal_(folder / "watch.ndjson"), quiet_(quiet) {}

  [[nodiscard]] WatchClocks clocks() const override {
    const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    return {seconds_of(CLOCK_BOOTTIME), seconds_of(CLOCK_MONOTONIC),
            fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)))};
  }

  [[nodiscard]] std::string boot_id() const override {
    return host::live_root()->read("/proc/sys/kernel/random/boot_id").text();
  }

  // All engines of the chipset together: the one that is least off counts.
  [[nodiscard]] WatchSample sample() const override {
    StatusOptions options;
    options.ask_engine = false;
    WatchSample out;
    out.engine_seen = false;
    bool first = true;
    for (const EngineStatus& engine : collect_status(*root_, options).engines) {
      if (engine.engine != "intel-me") continue;
      const bool worse =
          first || engine.verdict == Verdict::watchdog_pending ||
          (engine.counts_as_disabled == CountsAsDisabled::no && out.verdict != Verdict::watchdog_pending);
      if (!worse) continue;
      first = false;
      out.engine_seen = true;
      out.verdict = engine.verdict;
      out.counts_as_disabled = engine.counts_as_disabled;
      if (engine.readings.empty()) continue;
      out.hfsts1 = engine.readings.front().registers[0];
      out.hfsts2 = engine.readings.front().registers[1];
    }
    for (const std::string& name : root_->list("/sys/class/power_supply").names) {
      const std::string online = root_->read("/sys/class/power_supply/" + name + "/online").text();
      if (!online.empty()) out.on_mains = out.on_mains.value_or(false) || online == "1";
    }
    return out;
  }

  [[nodiscard]] std::string wait(double seconds) override {
    // A signal that comes between this look and the wait costs at most one tick of a second.
    for (double left = seconds; left > 0 && stop_signal == 0; left -= 1) ::poll(nullptr, 0, 1000);
    if (stop_signal == 0) return {};
    return stop_signal == SIGINT ? "user-stop" : "shutdown";
  }

  [[nodiscard]] Result<std::string> load_journal() const override {
    std::error_code problem;
    fs::create_directories(journal_.parent_path(), problem);
    if (problem) return fail(Errc::io, journal_.parent_path().string() + ": " + problem.message() + "; use --state");
    if (!fs::exists(journal_, problem) || fs::file_size(journal_, problem) == 0) return std::string();
    QUELL_TRY(const MappedFile file, MappedFile::copy(journal_));
    std::string text;
    for (const std::byte byte : file.bytes()) text.push_back(static_cast<char>(byte));
    constexpr std::size_t keep = 10;
    const std::string trimmed = trim_journal(text, keep);
    // Rewritten only when something goes: a line cut off by a power loss, or a watch too many.
    if (trimmed != text) QUELL_CHECK(write_file(journal_, as_bytes(trimmed), journal_));
    return trimmed;
  }

  [[nodiscard]] Result<void> append(const std::string& line) override {
    const FileDescriptor file(::open(journal_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    const bool written =
        file.valid() && ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (!written || ::fsync(file.get()) != 0)
      return fail(Errc::io, journal_.string() + ": " + std::strerror(errno) + "; use --state for another folder");
    return {};
  }

  void progress(const WatchRecord& now, double wanted) override {
    if (quiet_ || ::isatty(STDERR_FILENO) != 1) return;
    const auto text = [](double seconds) {
      const auto whole = static_cast<long>(seconds);
      return fmt::format("{}:{:02}", whole / 60, whole % 60);
    };
    steer(fmt::format("\rawake {} of {} without a break, engine: {}   ", text(now.awake), text(wanted),
                      words_of(now.sample.verdict).title));
    shown_ = true;
  }
  void end_progress() const {
    if (shown_) say("\n");
  }

 private:
  std::unique_ptr<host::Root> root_;
  fs::path journal_;
  bool quiet_;
  bool shown_ = false;
};

struct WatchCommand {
  std::string root;
  std::string state = "/var/lib/quell";
  unsigned minutes = 35;
  WatchOptions watch;
};

void catch_stops() {
  struct sigaction action {};
  action.sa_handler = note_stop;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
}

// The option that goes on from here, where there is one.
std::string_view hint(WatchVerdict verdict) {
  if (verdict == WatchVerdict::not_disabled) return "To watch for the watchdog alone: --any-state.\n";
  if (verdict == WatchVerdict::watchdog_suspected) return "To start another watch all the same: --again.\n";
  return {};
}

int status_of_watch(WatchVerdict verdict) {
  if (is_success(verdict)) return done;
  return verdict == WatchVerdict::stopped || verdict == WatchVerdict::no_engine ? not_recognised : verdict_bad;
}

int run(WatchCommand& options, const Session& session) {
  std::unique_ptr<host::Root> root = host::live_root();
  if (!options.root.empty()) {
    auto opened = host::open_root(options.root);
    if (!opened) return complain(opened.error(), options.root);
    root = *std::move(opened);
  }
  std::error_code ignored;  // the journal says what is wrong with its folder
  fs::create_directories(options.state, ignored);
  confine_live(session, {.write_below = {options.state}});
  options.watch.wanted = options.minutes * 60.0;
  LiveMachine machine(std::move(root), options.state, session.verbosity < 0);
  catch_stops();
  const auto outcome = watch(machine, options.watch);
  machine.end_progress();
  if (!outcome) return complain(outcome.error());
  print(report::to_text(*outcome, {.verbosity = session.verbosity}));
  if (session.verbosity >= 0) print(hint(outcome->verdict));
  return status_of_watch(outcome->verdict);
}

}  // namespace

void add_watch(const Command& app, Session& session) {
  auto options = std::make_shared<WatchCommand>();
  const Command command = add_command(
      app, session, "watch", "after flashing: is the engine off, and does its 30-minute watchdog stay quiet",
      "sudo quell watch\n"
      "  systemd-inhibit --what=sleep:idle:handle-lid-switch quell watch\n"
      "An engine whose bring-up code is broken makes the machine power off 30 minutes after power-on. How long the\n"
      "firmware took before the system started cannot be known here, so the watch waits until 35 minutes after the "
      "kernel's\n"
      "start without a break; time before the watch counts when the machine did not sleep. Suspend starts the time "
      "over,\n"
      "which the second example keeps away. Start it again after a reboot (or enable the service quell-watch): it then "
      "reads\n"
      "how the last one ended. A stop between 25 and 31 minutes of uptime may be the watchdog.\n"
      "Exit status: 0 no watchdog, 1 a watchdog or an engine that is not off, 3 stopped before the end or no Intel "
      "engine\n"
      "here, 5 no journal.",
      no_choice);
  command.option("--minutes", options->minutes, "how long without a break").between(30, 45).shows_default();
  command.option("--state", options->state, "folder of the journal, which survives a reboot").shows_default();
  command.option("--root", options->root, "take the engine's state from a captured tree");
  command.flag("--any-state", options->watch.any_state, "only the watchdog matters, not whether the engine is off");
  command.flag("--again", options->watch.ignore_earlier, "start although the last watch ended with the watchdog");
  command.flag(
      "-q,--quiet", [&session](std::int64_t) { session.verbosity = -1; }, "only the verdict");
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
