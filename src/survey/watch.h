// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/engine_status.h"
#include "quell/result.h"

namespace quell {

// After flashing: does the engine stay off, and does its 30-minute watchdog stay quiet? The engine arms a timer of
// 30 minutes when it starts; only its bring-up code stops it. That is at power-on: firmware setup, a boot menu or a
// password prompt pass before the kernel's clock begins, and nothing tells how long they took. A machine that is still
// up 35 minutes after its kernel started, without a break in between, has no armed watchdog; one that went off when
// that clock stood between 25 and 31 minutes may have one.

// Seconds since boot with and without the time in suspend; the wall clock is for people only.
struct WatchClocks {
  double boottime = 0;
  double monotonic = 0;
  std::string wall{};
};

// The engine as one sample sees it; all of a machine's engines together, the worst one counting.
struct WatchSample {
  Verdict verdict = Verdict::unknown;
  CountsAsDisabled counts_as_disabled = CountsAsDisabled::inconclusive;
  std::optional<std::uint32_t> hfsts1{};
  std::optional<std::uint32_t> hfsts2{};
  std::optional<bool> on_mains{};
  bool engine_seen = true;  // whether there is an Intel engine here at all, as far as can be told
};

// One line of the journal.
struct WatchRecord {
  enum class Kind { start, beat, end } kind = Kind::beat;
  std::string boot_id{};
  WatchClocks clocks{};
  double awake = 0;  // seconds awake without a break so far
  unsigned sleeps = 0;
  WatchSample sample{};
  std::string cause{};   // of an end: "success", "fail", "user-stop", "shutdown"
  std::string detail{};  // what was expected (start), what happened (end)
};

// The journal as lines of JSON. Lines that are cut off or are none of ours are passed over.
std::string to_line(const WatchRecord& record);
std::vector<WatchRecord> read_journal(std::string_view text);
// The journal without its oldest watches, so that at most `keep` remain.
std::string trim_journal(std::string_view text, std::size_t keep);

// How an earlier watch ended, read on the next start.
enum class Earlier { none, finished, interrupted_cleanly, same_boot, watchdog_suspected, power_lost };
struct EarlierWatch {
  Earlier how = Earlier::none;
  double last_uptime = 0;        // of its last heartbeat
  unsigned watchdog_events = 0;  // in all of the journal
};
EarlierWatch look_back(const std::vector<WatchRecord>& journal, std::string_view boot_id);

// What the machine under watch gives; the tests put a simulation here.
class WatchedMachine {
 public:
  WatchedMachine() = default;
  virtual ~WatchedMachine() = default;
  WatchedMachine(const WatchedMachine&) = delete;
  WatchedMachine& operator=(const WatchedMachine&) = delete;
  WatchedMachine(WatchedMachine&&) = delete;
  WatchedMachine& operator=(WatchedMachine&&) = delete;

  [[nodiscard]] virtual WatchClocks clocks() const = 0;
  [[nodiscard]] virtual std::string boot_id() const = 0;
  [[nodiscard]] virtual WatchSample sample() const = 0;
  // Waits; gives the name of a request to stop ("user-stop", "shutdown") that came meanwhile, or "".
  [[nodiscard]] virtual std::string wait(double seconds) = 0;
  [[nodiscard]] virtual Result<std::string> load_journal() const = 0;
  // Appends and flushes to the disk.
  [[nodiscard]] virtual Result<void> append(const std::string& line) = 0;
  virtual void progress(const WatchRecord& now, double wanted) = 0;
};

struct WatchOptions {
  double wanted = 35 * 60;      // seconds awake without a break
  bool any_state = false;       // only the watchdog matters, not whether the engine is off
  bool ignore_earlier = false;  // start although earlier watches ended with the watchdog
};

enum class WatchVerdict {
  success,
  success_state_unknown,  // no watchdog, but whether the engine is off is not known
  watchdog_armed,
  not_disabled,
  verdict_changed,
  watchdog_suspected,  // the last watch broke off when a watchdog would have cut the power
  stopped,
  no_engine,  // no Intel engine is seen here
};
// "success", "success-state-unknown", ...: stable, also in the journal.
std::string_view to_string(WatchVerdict verdict) noexcept;
// Whether no watchdog came.
constexpr bool is_success(WatchVerdict verdict) noexcept {
  return verdict == WatchVerdict::success || verdict == WatchVerdict::success_state_unknown;
}

struct WatchOutcome {
  WatchVerdict verdict = WatchVerdict::stopped;
  WatchRecord last{};
  Verdict first = Verdict::unknown;  // what the engine was at the first look
  EarlierWatch earlier{};
  bool repeated = false;  // the watchdog is suspected for more than the last watch
};

// Watches until there is a verdict or a request to stop. Errc::io when the journal cannot be written at its start.
Result<WatchOutcome> watch(WatchedMachine& machine, const WatchOptions& options);

}  // namespace quell
