// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/internal.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "spi/failure.h"
#include "spi/reading.h"

namespace quell::spi {

Result<flash::HostAccess> look_from_within(ChipAccess& access, const LookAtRights& look) {
  QUELL_TRY(Attached attached, access.attach());
  Buffer start(std::min(block_size, access.chip().size));
  const bool read = attached.worker.read({0, start.size()}, start, false).has_value();
  static_cast<void>(attached.worker.finish());
  flash::HostAccess advice = look(read ? ByteView(start) : ByteView());
  const bool placed =
      std::ranges::any_of(advice.regions, [](const flash::RegionAccess& r) { return !r.range.empty(); });
  if (read || placed) return advice;
  return failed("internal-blind", {{"missing", fmt::format("{}", fmt::join(advice.missing, "; "))}});
}

Result<void> judge_internal(const BlockPlan& plan, const flash::HostAccess& advice, Overrides accepted) {
  const flash::RegionAccess* unknown = nullptr;
  for (const std::uint64_t block : plan.blocks) {
    const flash::RegionAccess* found = advice.obstacle({block * block_size, block_size});
    if (found == nullptr) continue;
    if (found->verdict == flash::RegionAccess::Verdict::unknown) {
      unknown = unknown == nullptr ? found : unknown;
      continue;
    }
    return failed(
        "internal-forbidden",
        {{"region", found->region}, {"address", fmt::format("{:#x}", block * block_size)}, {"reason", found->reason}});
  }
  if (unknown == nullptr || accepted.has(Override::internal)) return {};
  return failed("internal-unknown", {{"region", unknown->region}, {"reason", unknown->reason}});
}

std::string names_of(const std::vector<NamedRange>& ranges) {
  std::vector<std::string> names;
  names.reserve(ranges.size());
  for (const NamedRange& range : ranges)
    names.push_back(fmt::format("{} ({:#x}-{:#x})", range.name, range.range.offset, range.range.end() - 1));
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace quell::spi
