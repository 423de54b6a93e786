// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a region of generation 1 or 2 is as Intel publishes it ("Stock") or was configured or used ("Extracted").
#include <algorithm>

#include "intel/region_report.h"

namespace quell::intel {

// ME 8 and later, TXE: the image tool that joins a board's image leaves its version in the table; the build number
// stands last. ME 4 to 7: the kernel writes its random seed (KRND) to the EFFS partition when it runs first. ME 3
// keeps the most memory that its kernel has used in EFFS, where a new value is a new record: two records are of an
// engine that has run; one says nothing. Of ME 2 nothing is known that tells it.
std::optional<std::string> type_of(const MeRegion& me) {
  constexpr std::uint64_t build_at = 0x1E;
  const std::uint32_t major = me.manifest.version.major;
  if (me.generation == Generation::second && (me.product != Product::me || major >= 8)) {
    const auto build = me.bytes.u16(me.table.offset + build_at);
    if (!build) return std::nullopt;
    return *build == 0 || *build == 0xFFFF ? "Stock" : "Extracted";
  }
  if (major < 3) return std::nullopt;
  const FptEntry* storage = me.table.find("EFFS");
  const bool stored = storage != nullptr && storage->has_data();
  const ByteView bytes = stored ? me.bytes.clip(storage->range(me.bytes.size())) : ByteView();
  if (major == 3) {
    const auto first = bytes.find(as_bytes("MaxUsedKerMem"));
    const bool again = first && bytes.find(as_bytes("MaxUsedKerMem"), *first + 1);
    return again ? std::optional<std::string>("Extracted") : std::nullopt;
  }
  return bytes.find(as_bytes("KRND")) ? "Extracted" : "Stock";
}

}  // namespace quell::intel
