// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/chip_options.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/overrides.h"
#include "report/text.h"
#include "spi/failure.h"

namespace quell::cli {
namespace {

constexpr auto repaint_interval = std::chrono::milliseconds(100);
constexpr int bar_width = 24;

std::string duration(double seconds) {
  const auto whole = std::llround(std::max(seconds, 0.0));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

void add_read_options(const Command& command, ChipOptions& options) {
  command.option("--reads", options.reading.matches, "consecutive reads that must agree, 2 to 5").between(2, 5);
  command.option("--max-reads", options.reading.passes, "reads at most before giving up").between(2, 50);
  command.flag("--cross-speed", options.reading.cross_speed, "the reads that agree must use different clocks");
  add_override_options(command, {Override::register_write}, options.reading.accepted);
  command.flag("--no-descriptor", options.judging.chip.no_descriptor, help_of(Override::no_descriptor));
  command.option("--component", options.judging.chip.component, help_of(Override::component)).between(1, 2);
  command.option("--accept", options.judging.accepted, help_of(Override::findings)).comma_separated();
}

}  // namespace

void add_chip_options(const Command& command, ChipOptions& options, bool vault, bool reads) {
  command.group("The chip and the programmer");
  command.option("-p,--programmer", options.programmer,
                 "as flashrom takes it (NAME[:PARAMETERS]), or short: " + spi::short_names());
  command.option("--chip", options.chip, help_of(Override::definition));
  command.option("--expect-chip", options.expect_chip, "stop unless the chip's name contains this");
  command.option("--expect-size", options.expect_size, "stop unless the chip has this many bytes (8M, 16M)")
      .byte_size();
  command.option("--voltage", options.voltage, help_of(Override::level_adapter)).one_of({"1.8", "3.3"});
  command.option("--patience", options.patience, "seconds to wait for one step before the contact counts as lost")
      .positive();
  add_override_options(command, {Override::controller, Override::wiring}, options.accepted);
  command.flag("--pull-ups", options.pull_ups, "Raspberry Pi: pull /WP and /HOLD up through GPIO for the job");
  if (vault)
    command.option("--vault", options.vault, "where backups are kept; else $QUELL_VAULT, else your data folder");
  if (reads) {
    command.group("Reading");
    add_read_options(command, options);
  }
  command.group("Options");
}

Console::Console(const Session& session)
    : verbosity_(session.verbosity),
      bar_(session.verbosity >= 0 && ::isatty(STDERR_FILENO) == 1),
      interactive_(::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) {}

Console::~Console() { clear_bar(); }

void Console::clear_bar() {
  if (drawn_) steer("\r\x1b[K");
  drawn_ = false;
}

void Console::notice(std::string_view text) {
  clear_bar();
  if (verbosity_ >= 0) say(fmt::format("quell: {}\n", report::printable(text)));
}

void Console::log(int level, std::string_view line) {
  // The library's errors are turned into messages of our own; its lines are for those who ask.
  if (verbosity_ < 1 || (level > 1 && verbosity_ < 2)) return;
  clear_bar();
  say(fmt::format("libflashrom: {}\n", report::printable(line)));
}

void Console::progress(std::string_view stage, std::uint64_t done, std::uint64_t total) {
  if (!bar_ || total == 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (stage != stage_ || done <= spi::chunk_size) {
    stage_ = stage;
    started_ = now;
    painted_ = {};
  }
  if (now - painted_ < repaint_interval && done < total) return;
  painted_ = now;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  const auto filled = static_cast<std::size_t>(share * bar_width);
  steer(fmt::format("\r{:<9} [{}{}] {:3.0f} %  {:.0f} KiB/s  {} left\x1b[K", stage, std::string(filled, '#'),
                    std::string(bar_width - filled, '.'), share * 100, rate / 1024,
                    rate > 0 ? duration(static_cast<double>(total - std::min(done, total)) / rate) : "?"));
  drawn_ = true;
  if (done >= total) clear_bar();
}

std::optional<std::string> Console::line(std::string_view prompt) {
  clear_bar();
  constexpr std::size_t usual_width = 80;
  say(fit(prompt, usual_width));
  std::string text;
  if (spi::JobSignals::request().stop != 0) return std::nullopt;
  for (;;) {
    char c = 0;
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got == 1 && c == '\n') return text;
    if (got == 1) {
      text += c;
    } else if (got == 0 || errno != EINTR || spi::JobSignals::request().stop != 0) {
      say("\n");  // the end of the input, or Ctrl-C
      return std::nullopt;
    }
  }
}

bool Console::ask(std::string_view question) {
  if (!interactive_) return false;
  const auto answer = line(fmt::format("{} [y/N] ", question));
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

bool Console::confirm(std::string_view question, std::string_view expected) {
  if (!interactive_) return false;
  const std::string_view first = expected.substr(0, expected.find('/'));
  const auto answer = line(fmt::format("{}\nType the chip's name ({}) to go on: ", question, first));
  return answer && (*answer == expected || spi::lists_name(expected, *answer));
}

Result<std::unique_ptr<ChipSession>> ChipSession::begin(const ChipOptions& options, const Session& session) {
  if (options.programmer.empty()) return spi::failed("no-programmer");
  spi::AccessOptions access;
  QUELL_TRY(access.programmer, spi::Programmer::parse(options.programmer));
  access.chip = options.chip;
  access.expect_chip = options.expect_chip;
  access.expect_size = options.expect_size;
  access.accepted = options.accepted;
  if (options.voltage == "1.8") access.accepted.add(Override::level_adapter);
  access.worker.program = spi::worker_program();
  access.worker.stop = &spi::JobSignals::request();
  if (options.patience > 0) {
    const auto patience = std::chrono::milliseconds(static_cast<std::int64_t>(options.patience * 1000));
    access.worker.patience = patience;
    access.worker.unit_patience = patience;
  }
  std::unique_ptr<ChipSession> result(new ChipSession(session));
  result->access.emplace(std::move(access), result->console);
  QUELL_CHECK(result->access->prepare());
  if (options.pull_ups) {
    QUELL_TRY(result->pull_ups, spi::PullUps::request(spi::gpio_system()));
  }
  return result;
}

std::string vault_path(const ChipOptions& options) {
  return options.vault.empty() ? spi::Vault::default_path().string() : options.vault;
}

Result<spi::Vault> open_vault(const ChipOptions& options) { return spi::Vault::open(vault_path(options)); }

}  // namespace quell::cli
