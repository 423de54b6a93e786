// SPDX-License-Identifier: GPL-2.0-or-later
// What `quell check` says.
#pragma once

#include <string>
#include <vector>

#include "quell/survey/check.h"
#include "quell/survey/compare.h"
#include "report/text.h"

namespace quell::report {

// One checked file, or why it could not be.
struct CheckedFile {
  std::string file{};
  std::optional<Error> failure{};
  std::optional<Report> report{};
  std::vector<CheckItem> items{};
};

// How a further read of the chip differs from the first.
struct ReadDifference {
  std::string first{};
  std::string other{};
  std::uint64_t first_size = 0;
  std::uint64_t other_size = 0;
  std::vector<PartDifference> parts{};  // by region

  [[nodiscard]] bool agree() const noexcept { return parts.empty() && first_size == other_size; }
};

// What the pattern of the differences points to: the clock, the clip, the levels, another master; empty when they
// agree.
std::string likely_cause(const ReadDifference& difference);

// What is said behind "sound": the states of the engines, each once, and how much is odd (", stripped, with 2 things to
// look at"); empty where there is neither. `report` is NULL where nothing in the file was recognised.
std::string reservations(const Report* report, const std::vector<CheckItem>& items);

// One file's items and verdict.
std::string to_text(const CheckedFile& checked, const TextStyle& style);
// How the reads compare; empty for a single file.
std::string to_text(const std::vector<ReadDifference>& reads, const TextStyle& style);
// All of it as one document.
std::string check_json(const std::vector<CheckedFile>& files, const std::vector<ReadDifference>& reads);

}  // namespace quell::report
