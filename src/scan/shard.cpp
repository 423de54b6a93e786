// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/shard.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/number.h"
#include "quell/digest.h"

namespace quell::scan {
namespace {

struct Scheduler {
  const char* index;
  const char* count;
  const char* first;  // of the array; nullptr: it is always 0
};
constexpr std::array schedulers{Scheduler{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"},
                                Scheduler{"JOB_COMPLETION_INDEX", "JOB_COMPLETION_COUNT", nullptr}};

Result<Shard> from_scheduler(const Environment& environment) {
  for (const Scheduler& scheduler : schedulers) {
    const std::string index_text = environment(scheduler.index);
    if (index_text.empty()) continue;
    const std::string count_text = environment(scheduler.count);
    const auto index = parse_decimal(index_text);
    const auto count = parse_decimal(count_text);
    const std::string first = scheduler.first == nullptr ? "" : environment(scheduler.first);
    // Tasks 3 and 5 of an array of eight, submitted again alone, would be told that there are two.
    if (index && count && *index < *count && (first.empty() || first == "0")) return Shard{*index, *count};
    return fail(Errc::usage, fmt::format("{} is \"{}\" and {} is \"{}\", and the tasks must be counted from 0 "
                                         "without a gap; name the shard: I/N",
                                         scheduler.index, index_text, scheduler.count, count_text));
  }
  return fail(Errc::usage,
              "auto is for array jobs of Slurm and Indexed Jobs of Kubernetes, and this is neither "
              "(SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX are not set): name the shard, like 0/8");
}

}  // namespace

bool Shard::has(std::string_view path) const {
  if (count == 1) return true;
  const Sha256 digest = sha256(as_bytes(path));
  return ByteView(digest).be64(0).value_or(0) % count == index;
}

Result<Shard> parse_shard(const std::string& text, const Environment& environment) {
  if (text == "auto") return from_scheduler(environment);
  const std::string_view words = text;
  const std::size_t slash = words.find('/');
  if (slash != std::string_view::npos) {
    const auto index = parse_decimal(words.substr(0, slash));
    const auto count = parse_decimal(words.substr(slash + 1));
    if (index && count && *index < *count) return Shard{*index, *count};
  }
  return fail(Errc::usage, fmt::format("\"{}\" is no shard: write I/N with I from 0 to N-1, or auto", text));
}

}  // namespace quell::scan
