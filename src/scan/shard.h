// SPDX-License-Identifier: GPL-2.0-or-later
// A part of the work list, for one of many processes that share it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "quell/result.h"

namespace quell::scan {

// A path belongs to the shard whose index is the first eight bytes of the SHA-256 of the path, read as a big-endian
// number, modulo `count`.
struct Shard {
  std::uint64_t index = 0;  // below `count`
  std::uint64_t count = 1;

  [[nodiscard]] bool has(std::string_view path) const;
};

// The value of a variable of the environment; empty where it is not set.
using Environment = std::function<std::string(const char* name)>;

// "3/8" (counted from 0), or "auto": what Slurm (SLURM_ARRAY_TASK_ID and _COUNT) or a Kubernetes Indexed Job
// (JOB_COMPLETION_INDEX and, set by its manifest, JOB_COMPLETION_COUNT) says. Errc::usage.
Result<Shard> parse_shard(const std::string& text, const Environment& environment);

}  // namespace quell::scan
