// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/scan.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/signals.h"
#include "cli/command.h"
#include "cli/fail_on.h"
#include "cli/outputs.h"
#include "cli/scan_options.h"
#include "cli/scan_progress.h"
#include "quell/survey/report.h"
#include "report/scan_record.h"

namespace quell::cli {
namespace {

// What the message of examine() says of a content has its name in front.
std::string without_name(const std::string& message, const std::string& name) {
  const std::string lead = name + ": ";
  return message.starts_with(lead) ? message.substr(lead.size()) : message;
}

// In a worker process: all that is told of one image.
scan::Looked look(Image& image, Depth depth, bool tree) {
  const Result<Report> report = examine(image, depth);
  if (!report) {
    return {.status = scan::ImageStatus::unknown,
            .error = without_name(report.error().message, image.name()),
            .members = report::scan_members(image.what)};
  }
  const auto worst = report->worst();
  return {.status = worst >= Severity::error ? scan::ImageStatus::damaged : scan::ImageStatus::ok,
          .worst = worst,
          .members = report::scan_members(*report, tree)};
}

// What the command line names must be there, and must not be the output.
Result<void> check_paths(const ScanWords& words) {
  if (words.paths.empty() && words.lists.empty())
    return fail(Errc::usage, "nothing to scan: name files or folders, or a list with --from0");
  for (const std::string& path : words.paths) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return fail(Errc::io, fmt::format("{}: {}", path, std::strerror(errno)));
    if (words.output != "-" && S_ISREG(status.st_mode) && same_file(path, words.output))
      return fail(Errc::usage, fmt::format("{}: is an input; name another output", words.output));
  }
  return {};
}

Result<scan::Options> options_of(const ScanWords& words) {
  QUELL_CHECK(check_paths(words));
  scan::Options options;
  auto shard = scan::parse_shard(words.shard, environment());
  if (!shard) return fail(Errc::usage, fmt::format("--shard: {}", shard.error().message));
  QUELL_TRY(options.pool.timeout, parse_duration("--timeout", words.timeout));
  for (const std::string& path : words.paths) scan::walk(path, *shard, options.paths);
  for (const std::string& list : words.lists) QUELL_CHECK(scan::walk_listed(list, *shard, options.paths));
  options.paths.sort();
  options.output = words.output;
  options.resume = words.resume;
  options.key = scan::run_key(words.level);
  options.key.tree = words.tree;
  QUELL_TRY(options.pool.memory, parse_memory(words.memory));
  const std::uint64_t jobs = words.jobs == 0 ? processors() : words.jobs;
  options.pool.jobs = static_cast<unsigned>(std::clamp<std::uint64_t>(options.paths.size(), 1, jobs));
  return options;
}

// A line that is written over by the next.
void show(const scan::Progress& progress) {
  constexpr std::size_t usual = 80;
  winsize size{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's interface
  const bool told = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  std::string line = progress_text(progress);
  line.resize(std::min(line.size(), (told ? size.ws_col : usual) - 1));
  steer(fmt::format("\r\x1b[K{}", line));
}

bool is_file_or_new(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
}

int run(const ScanWords& words) {
  auto options = options_of(words);
  if (!options) return complain(options.error());
  const bool json = words.progress == "json";
  const bool line = words.progress == "auto" && ::isatty(STDERR_FILENO) == 1;
  if (json) {
    options->between_tellings = std::chrono::seconds(1);
    options->tell = [](const scan::Progress& progress) { say(progress_json(progress, false)); };
  } else if (line) {
    options->tell = show;
  }
  // What has a name is brought to an end that can be gone on from. A stream may never be read: there the signal ends
  // all.
  std::optional<SignalsHeld> held;
  if (words.output != "-" && is_file_or_new(words.output)) {
    held.emplace();
    options->stopped = &SignalsHeld::waiting;
  }
  const Depth depth = words.level == "check" ? Depth::everything : Depth::structure;
  const auto progress = scan::run(*options, [&](Image& image) { return look(image, depth, words.tree); });
  if (line) steer("\r\x1b[K");
  if (!progress) return complain(progress.error());
  if (progress->stopped) {
    if (json) say(progress_json(*progress, false));
    if (!json && words.progress != "none") say(stopped_text(*progress, words.output));
    // The signal ends the program where it is no longer held.
    return verdict_bad;
  }
  if (json) {
    say(progress_json(*progress, true));
  } else if (words.progress != "none") {
    say(summary_text(*progress, words.output));
  }
  const auto limit = severity_of(words.fail_on);
  return limit && progress->worst >= limit ? verdict_bad : done;
}

}  // namespace

void add_scan(const Command& app, Session& session) {
  auto words = std::make_shared<ScanWords>();
  const Command command = add_command(
      app, session, "scan", "many images: one line of JSON for each file and each content",
      "quell scan dumps/ -o dumps.ndjson.zst\n  quell scan dumps/ --resume -o dumps.ndjson.zst\n"
      "  find /srv -name '*.rom' -print0 | quell scan --from0 - -o roms.ndjson\n\n"
      "Whatever a file does, it costs its own line and no other. The lines go into a database with `quell\n"
      "merge`. Exit status: 0 every file has its line, 1 a finding reaches --fail-on, 4 an output is there\n"
      "that would be lost, 5 the output cannot be written (what was written stays in OUT.part).",
      no_choice);
  add_scan_options(command, *words);
  command.callback([words, &session] { session.status = run(*words); });
}

}  // namespace quell::cli
