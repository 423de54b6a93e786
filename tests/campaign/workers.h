// SPDX-License-Identifier: GPL-2.0-or-later
// Runs trials in child processes, so that a crash or a hang is a result like any other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/sanitizers.h"

namespace quell::campaign {

// What one trial may cost in processor time. The sanitizers make everything several times slower.
inline constexpr double time_limit = test::sanitized ? 10.0 : 2.0;

struct Trials {
  std::uint64_t first = 0;
  std::uint64_t count = 0;  // at most
  double seconds = 0;       // wall time after which no new trial starts; 0: no limit
  unsigned processes = 1;
  double slowest_allowed = time_limit;                               // processor time of one trial
  std::function<std::optional<std::string>(std::uint64_t)> trial{};  // what went wrong
};

struct Failure {
  std::uint64_t number = 0;
  std::string what{};
};

struct Outcome {
  std::uint64_t done = 0;
  double slowest = 0;  // seconds of processor time
  std::uint64_t slowest_number = 0;
  std::vector<Failure> failures{};
};

// Stops early after `most_failures` failures.
Outcome run_trials(const Trials& trials, std::size_t most_failures = 10);

}  // namespace quell::campaign
