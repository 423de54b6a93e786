// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "quell/result.h"
#include "store/store.h"

namespace quell::store {

// A line that is no record, and why.
struct BadLine {
  std::uint64_t number = 0;
  std::string reason{};
  bool torn = false;  // the file stops in it: the scan that wrote it was killed
};

// What one file gave.
struct MergedFile {
  std::string name{};
  std::uint64_t images = 0;  // records of them
  std::uint64_t files = 0;
  std::uint64_t bad_count = 0;       // without a torn one
  std::vector<BadLine> bad_lines{};  // the first of them, and a torn one
  bool cut_short = false;            // its packed data ends early
  std::string damage{};              // why its end could not be read
};

struct MergeSettings {
  std::function<bool()> stopped{};                    // asked between two lines; true ends the merge and takes all back
  std::function<void(std::uint64_t lines)> report{};  // now and then
};

// Puts the records of all files into the store and commits. Bad lines are passed over and told; a file without a single
// record is Errc::unrecognised.
struct Merged {
  std::vector<MergedFile> files{};
  Counts counts{};
  // Whether every line of every file is in the database but for torn ones.
  [[nodiscard]] bool complete() const noexcept;
};
Result<Merged> merge(std::span<const std::string> names, Store& store, const MergeSettings& settings);

}  // namespace quell::store
