// SPDX-License-Identifier: GPL-2.0-or-later
// Many images: one line for every path and one for every content, whatever the images do.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "quell/finding.h"
#include "quell/result.h"
#include "scan/output.h"
#include "scan/path_list.h"
#include "scan/pool.h"
#include "scan/record.h"

namespace quell::scan {

// How far a scan is.
struct Progress {
  std::uint64_t total = 0;                // paths
  std::uint64_t done = 0;                 // with a line, those of an earlier run too
  std::uint64_t earlier = 0;              // with a line from an earlier run
  std::uint64_t bytes = 0;                // of files that were read in this run
  std::array<std::uint64_t, 8> files{};   // by FileStatus, in this run
  std::array<std::uint64_t, 6> images{};  // by ImageStatus, in this run
  std::chrono::steady_clock::duration time{};
  bool stopped = false;             // before the end: OUT.part holds what was written
  std::optional<Severity> worst{};  // of all images, those of an earlier run too
};

struct Options {
  PathList paths{};  // sorted
  std::string output = "-";
  bool resume = false;
  RunKey key{};
  PoolOptions pool{};
  std::chrono::milliseconds between_tellings{200};
  std::function<void(const Progress&)> tell{};  // now and then
  std::function<bool()> stopped{};              // asked now and then; true: the scan ends early
};

// Scans. A file that cannot be read, and an image that ends a worker, is a line like others; Errc::io where the output
// cannot be written, Errc::usage and Errc::refused where it cannot be begun.
Result<Progress> run(const Options& options, const Examiner& examine);

}  // namespace quell::scan
