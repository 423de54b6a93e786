// SPDX-License-Identifier: GPL-2.0-or-later
// What every command that talks to a chip has in common: its options, its progress bar and its questions.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "quell/survey/check.h"
#include "quell/survey/recognise.h"
#include "spi/access.h"
#include "spi/flash_job.h"
#include "spi/gpio.h"
#include "spi/vault.h"

namespace quell::cli {

struct ChipOptions {
  std::string programmer{};
  std::string chip{};
  std::string vault{};
  std::string expect_chip{};
  std::uint64_t expect_size = 0;
  std::string voltage = "3.3";
  double patience = 0;   // seconds; 0: as the programmer needs
  Overrides accepted{};  // wiring, controller
  bool pull_ups = false;
  spi::ReadOptions reading{};
  spi::JudgeOptions judging{.judge = judge_content, .title = title_of};
};

// What can be said to a refusal to talk to a chip, and, with `reads` in add_chip_options(), of what was read.
inline constexpr Overrides chip_overrides{Override::controller, Override::wiring, Override::level_adapter,
                                          Override::definition};
inline constexpr Overrides read_overrides = chip_overrides | Overrides{Override::register_write, Override::findings,
                                                                       Override::no_descriptor, Override::component};

// --programmer, --chip, ...; with `vault` also --vault, and with `reads` the options of reading.
void add_chip_options(const Command& command, ChipOptions& options, bool vault, bool reads);

// The terminal as a watcher.
class Console final : public spi::Watcher {
 public:
  explicit Console(const Session& session);
  ~Console() override;
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  void notice(std::string_view text) override;
  void log(int level, std::string_view line) override;
  void progress(std::string_view stage, std::uint64_t done, std::uint64_t total) override;
  bool ask(std::string_view question) override;
  bool confirm(std::string_view question, std::string_view expected) override;
  // A line typed by the user; nothing at the end of the input.
  std::optional<std::string> line(std::string_view prompt);
  [[nodiscard]] bool interactive() const noexcept { return interactive_; }
  // Takes answers from standard input although it is no terminal.
  void assume_interactive() noexcept { interactive_ = true; }

 private:
  void clear_bar();
  int verbosity_ = 0;
  bool bar_ = false;          // progress bars are wanted: standard error is a terminal
  bool interactive_ = false;  // somebody can answer
  bool drawn_ = false;
  std::string stage_{};
  std::chrono::steady_clock::time_point started_{};
  std::chrono::steady_clock::time_point painted_{};
};

// One conversation of a command with a chip, ready to begin.
class ChipSession {
 public:
  // Parses the programmer, takes the locks, sets the pull-ups.
  static Result<std::unique_ptr<ChipSession>> begin(const ChipOptions& options, const Session& session);
  ChipSession(const ChipSession&) = delete;
  ChipSession& operator=(const ChipSession&) = delete;

  Console console;
  spi::JobSignals signals{};
  std::optional<spi::ChipAccess> access{};
  spi::PullUps pull_ups{};

 private:
  explicit ChipSession(const Session& session) : console(session) {}
};

// The vault of the options, or the usual one.
std::string vault_path(const ChipOptions& options);
Result<spi::Vault> open_vault(const ChipOptions& options);

}  // namespace quell::cli
