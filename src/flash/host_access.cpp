// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/host_access.h"

namespace quell::flash {

std::vector<NamedRange> HostAccess::not_readable() const {
  std::vector<NamedRange> out;
  for (const RegionAccess& region : regions) {
    if (region.readable == false && !region.range.empty()) out.push_back({region.region, region.range});
  }
  return out;
}

const RegionAccess* HostAccess::obstacle(Range range) const {
  const RegionAccess* unknown = nullptr;
  bool covered = false;
  for (const RegionAccess& region : regions) {
    const bool concerned = region.range.empty() ? region.verdict == RegionAccess::Verdict::unknown
                                                : !region.range.intersection(range).empty();
    if (!concerned) continue;
    covered = true;
    if (region.verdict == RegionAccess::Verdict::external_only || region.verdict == RegionAccess::Verdict::vendor_tool)
      return &region;
    if (region.verdict == RegionAccess::Verdict::unknown && unknown == nullptr) unknown = &region;
  }
  static const RegionAccess outside{"unassigned", RegionAccess::Verdict::external_only,
                                    "it lies in no region, and the controller refuses what lies in none"};
  return covered ? unknown : &outside;
}

}  // namespace quell::flash
