// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/scan_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>

#include "base/ascii.h"
#include "cli/fail_on.h"

namespace quell::cli {

void add_scan_options(const Command& command, ScanWords& words) {
  command.option("PATH", words.paths, "files, and folders with all below them");
  command.option(
      "-o,--output", words.output,
      "where the lines go; OUT.part until the scan is done; .zst compresses; -, or none, is standard output");
  command.option("--from0", words.lists, "also the paths in this file, each ended by a NUL byte; - is standard input")
      .words(1);
  command.option("--shard", words.shard,
                 "only part I of N (from 0) of the paths: I/N, or auto for what Slurm or Kubernetes says");
  command.option("--jobs", words.jobs, "worker processes; as many as there are processors, when not given")
      .between(std::uint64_t{1}, std::uint64_t{1024});
  command.option("--level", words.level, "how deep to look: like inspect, or like check: inspect, check")
      .one_of({"inspect", "check"});
  command.flag("--resume", words.resume,
               "go on with what OUT.part or OUT holds; files with the same size and time are left out");
  command.option("--timeout", words.timeout, "longest time for one file: 500ms, 20s, 2m").shows_default();
  command.option("--memory", words.memory, "most memory for one file: 64M, 2G; at least 16M").shows_default();
  command.flag("--tree", words.tree, "each image line holds the whole report too");
  command.option("--progress", words.progress, "how far it is, on standard error: auto (on a terminal), json, none")
      .one_of({"auto", "json", "none"});
  add_fail_on(command, words.fail_on);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view option, std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
  };
  constexpr std::array units{Unit{"", 1000}, Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60000}, Unit{"h", 3600000}};
  constexpr std::int64_t most = 1000000;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.begin(), text.end(), value);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.begin()));
  const auto unit = std::ranges::find(units, rest, &Unit::name);
  if (problem != std::errc() || unit == units.end() || value < 1 || value > most)
    return fail(Errc::usage, fmt::format("{} {}: write a time like 500ms, 20s or 2m", option, text));
  return std::chrono::milliseconds(value * unit->milliseconds);
}

Result<std::uint64_t> parse_memory(const std::string& text) {
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
  constexpr std::uint64_t least = 16 * mebibyte;
  constexpr std::uint64_t most = std::uint64_t{1} << 40U;
  struct Unit {
    std::string_view name;
    std::uint64_t bytes;
  };
  constexpr std::array units{Unit{"", 1},
                             Unit{"k", 1024},
                             Unit{"m", mebibyte},
                             Unit{"g", mebibyte << 10U},
                             Unit{"kb", 1024},
                             Unit{"mb", mebibyte},
                             Unit{"gb", mebibyte << 10U},
                             Unit{"kib", 1024},
                             Unit{"mib", mebibyte},
                             Unit{"gib", mebibyte << 10U}};
  std::uint64_t value = 0;
  const std::string_view view = text;
  const auto [end, problem] = std::from_chars(view.begin(), view.end(), value);
  const std::string rest = lower_case(view.substr(static_cast<std::size_t>(end - view.begin())));
  const auto unit = std::ranges::find(units, std::string_view(rest), &Unit::name);
  if (problem != std::errc() || unit == units.end())
    return fail(Errc::usage, fmt::format("--memory {}: write a size like 64M, 512M or 2G", text));
  if (value > most / unit->bytes) return fail(Errc::usage, fmt::format("--memory {}: is more than 1024G", text));
  if (value * unit->bytes < least)
    return fail(Errc::usage, fmt::format("--memory {}: a worker needs at least 16M to look at anything", text));
  return value * unit->bytes;
}

unsigned processors() { return std::max(1U, std::thread::hardware_concurrency()); }

scan::Environment environment() {
  return [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
}

}  // namespace quell::cli
