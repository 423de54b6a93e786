// SPDX-License-Identifier: GPL-2.0-or-later
// What `quell scan` was asked for, as words and as values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/options.h"
#include "quell/result.h"
#include "scan/shard.h"

namespace quell::cli {

struct ScanWords {
  std::vector<std::string> paths;
  std::vector<std::string> lists;
  std::string shard = "0/1";
  std::string level = "inspect";
  std::string output = "-";
  std::string timeout = "20s";
  std::string memory = "512M";
  std::string progress = "auto";
  std::string fail_on;
  std::uint64_t jobs = 0;  // 0: as many as there are processors
  bool resume = false;
  bool tree = false;
};

void add_scan_options(const Command& command, ScanWords& words);

// "20s", "500ms", "2m", "1h"; a number alone is seconds. Errc::usage.
Result<std::chrono::milliseconds> parse_duration(std::string_view option, std::string_view text);
// "512M", "2G"; a number alone is bytes. Errc::usage, also for less than a worker needs.
Result<std::uint64_t> parse_memory(const std::string& text);
// How many processors this process may use.
unsigned processors();
scan::Environment environment();

}  // namespace quell::cli
