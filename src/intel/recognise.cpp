// SPDX-License-Identifier: GPL-2.0-or-later
// Intel files that do not start with a flash descriptor:
//   $FPT at 0x0 or 0x10             ME region of the classic kind
//   layout table, $FPT where it says  IFWI region 1.6 (data partition at 0x10) or 1.7 (at 0x18)
//   AA 55 00 00                     IFWI image: a boot partition table (BPDT)
//   $CPD                            one code partition
//   $MAN / $MN2 at 0x1C             a manifest first: an update image
#include <algorithm>

#include <fmt/format.h>

#include "flash/recognise_steps.h"

namespace quell::flash {
namespace {

constexpr const char* update_advice =
    "an update image is written by the vendor's updater, never to the chip: read the chip for a dump";

Recognition known(ByteView file, std::string kind, std::string title, std::string next_step = {}) {
  return {std::move(kind), std::move(title), std::move(next_step), {0, file.size()}, true};
}

// Whether the layout table's word at `field` names a place after the table where a $FPT stands.
bool names_partition_table(ByteView file, std::uint64_t field) {
  const auto place = file.u32(field);
  return place && *place >= 0x1000 && file.matches(*place, "$FPT");
}

bool is_bpdt(ByteView file) {
  const auto signature = file.u32(0);
  const auto count = file.u16(4);
  const auto version = file.u8(6);
  return signature && count && version && (*signature == 0x000055AA || *signature == 0x00AA55AA) && *count != 0 &&
         *count <= 64 && (*version == 1 || *version == 2) && file.has(0x18, std::uint64_t{12} * *count);
}

}  // namespace

std::optional<Recognition> recognise_intel_part(ByteView file) {
  if (file.matches(0, "$FPT") || file.matches(0x10, "$FPT")) {
    return known(file, "intel.me-region", "Intel ME region", "");
  }
  if (names_partition_table(file, 0x10)) {
    return known(file, "intel.ifwi-region", "Intel ME region with an IFWI 1.6 layout table", "");
  }
  if (names_partition_table(file, 0x18)) {
    return known(file, "intel.ifwi-region", "Intel ME region with an IFWI 1.7 layout table", "");
  }
  if (is_bpdt(file)) {
    return known(file, "intel.ifwi", "Intel IFWI image (boot partitions of Apollo Lake, Gemini Lake or later)", "");
  }
  if (file.matches(0, "$CPD")) {
    const std::string name = file.text(0x0C, 4).value_or("");
    // A file that begins with the FTPR directory and has no partition table is what updaters carry.
    if (name == "FTPR") return known(file, "intel.me-update", "Intel ME update image ($CPD FTPR)", update_advice);
    return known(file, "intel.code-partition", fmt::format("Intel code partition ($CPD {})", name),
                 "one partition of an ME region: read the chip for a whole dump");
  }
  if (file.matches(0x1C, "$MAN")) {
    return known(file, "intel.me-update", "Intel ME update image (ME 2 to 5)", update_advice);
  }
  if (file.matches(0x1C, "$MN2")) {
    return known(file, "intel.me-update", "Intel ME update image (ME 6 to 10)", update_advice);
  }
  return std::nullopt;
}

}  // namespace quell::flash
