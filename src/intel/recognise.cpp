// SPDX-License-Identifier: GPL-2.0-or-later
// Intel files that do not start with a flash descriptor:
//   $FPT at 0x0 or 0x10             ME region of the classic kind
//   layout table, $FPT where it says  IFWI region 1.6 (data partition at 0x10) or 1.7 (at 0x18)
//   AA 55 00 00                     IFWI image: a boot partition table (BPDT)
//   $CPD                            one code partition
//   $MAN / $MN2 at 0x1C             a manifest first: an update image
#include "intel/recognise.h"

#include <fmt/format.h>

#include "intel/cse/layout.h"
#include "intel/cse/partition.h"
#include "intel/manifest.h"
#include "intel/update_image.h"

namespace quell::intel {
namespace {

Recognition update(ByteView file, std::string_view form) {
  return whole_file(file, "intel.me-update", fmt::format("Intel ME update image ({})", form), FileKind::update,
                    "an update image is written by the vendor's updater, never to the chip: read the chip for a dump");
}

// Whether the layout table's word at `field` names a place after the table where a $FPT stands.
bool names_partition_table(ByteView file, std::uint64_t field) {
  const auto place = file.u32(field);
  return place && *place >= 0x1000 && file.matches(*place, "$FPT");
}

// A table with at least one entry, whole: a file that has nothing else to show for being an IFWI.
bool is_bpdt(ByteView file) {
  if (!looks_like_bpdt(file, 0)) return false;
  const std::uint64_t count = file.u16(4).value_or(0);
  return count != 0 && file.has(0x18, 12 * count);
}

// Hits that are looked at before a search gives up; each look costs a bounded number of reads.
constexpr unsigned most_hits = 4096;

// $FPT header: version 0x10, 0x20 or 0x21 at 8, entry version 0x10, header length 0x20 or 0x30.
bool is_partition_table(ByteView file, std::uint64_t place) {
  const auto count = file.u32(place + 4);
  const auto version = file.u8(place + 8);
  const auto entries = file.u8(place + 9);
  const auto length = file.u8(place + 10);
  return count && version && entries && length && *count != 0 && *count <= 128 &&
         (*version == 0x10 || *version == 0x20 || *version == 0x21) && *entries == 0x10 &&
         (*length == 0x20 || *length == 0x30);
}

// A header at one of the two places of a region. One field of it may be damaged: that is said, not overlooked.
bool has_partition_table(ByteView file, std::uint64_t place) {
  if (!file.matches(place, "$FPT")) return false;
  const auto version = file.u8(place + 8).value_or(0);
  const auto length = file.u8(place + 10).value_or(0);
  const bool right_version = version == 0x10 || version == 0x20 || version == 0x21;
  const bool right_entries = file.u8(place + 9).value_or(0) == 0x10;
  const bool right_length = length == 0x20 || length == 0x30;
  return (right_version && right_entries) || (right_version && right_length) || (right_entries && right_length);
}

// The start of an IFWI region whose layout table names this $FPT, searched in blocks before it.
std::optional<std::uint64_t> layout_table_before(ByteView file, std::uint64_t place) {
  for (std::uint64_t back = 0x1000; back <= place && back <= 16U << 20U; back += 0x1000) {
    const std::uint64_t base = place - back;
    if (file.u32(base + 0x10).value_or(0) == back || file.u32(base + 0x18).value_or(0) == back) return base;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Recognition> recognise(ByteView file) {
  if (has_partition_table(file, 0) || has_partition_table(file, 0x10)) {
    return whole_file(file, "intel.me-region", "Intel ME region", FileKind::part);
  }
  if (names_partition_table(file, 0x10)) {
    return whole_file(file, "intel.ifwi-region", "Intel ME region with an IFWI 1.6 layout table", FileKind::part);
  }
  if (names_partition_table(file, 0x18)) {
    return whole_file(file, "intel.ifwi-region", "Intel ME region with an IFWI 1.7 layout table", FileKind::part);
  }
  if (is_bpdt(file)) {
    return whole_file(file, "intel.ifwi", "Intel IFWI image (boot partitions of Apollo Lake, Gemini Lake or later)",
                      FileKind::part);
  }
  if (looks_like_code_partition(file)) {
    const std::string name = file.text(0x0C, 4).value_or("");
    // A file that begins with the FTPR directory and has no partition table is what updaters carry.
    if (name == "FTPR") return update(file, "$CPD FTPR");
    return whole_file(file, "intel.code-partition", fmt::format("Intel code partition ($CPD {})", name), FileKind::part,
                      "one partition of an ME region: read the chip for a whole dump");
  }
  if (const auto manifest_first = parse_update(file)) {
    if (manifest_first->is_manifest_alone()) {
      return whole_file(file, "intel.manifest", "Intel manifest (what a partition of the ME holds, signed)",
                        FileKind::part, "one part of an ME region: read the chip for a whole dump");
    }
    return update(file, manifest_first->manifest.is_man ? "ME 2 to 5" : "ME 6 to 10");
  }
  return std::nullopt;
}

bool begins_ifwi(ByteView file) { return names_partition_table(file, 0x10) || names_partition_table(file, 0x18); }

std::optional<Recognition> recognise_inside(ByteView file) {
  auto hit = file.find(as_bytes("$FPT"), 0, 4);
  for (unsigned tries = 0; hit && tries < most_hits; ++tries, hit = file.find(as_bytes("$FPT"), *hit + 4, 4)) {
    if (!is_partition_table(file, *hit)) continue;
    std::string kind = "intel.me-region";
    std::uint64_t base = *hit;
    if (file.u8(*hit + 8).value_or(0) != 0x10 && *hit >= 0x10) base -= 0x10;
    if (const auto table = layout_table_before(file, *hit)) {
      kind = "intel.ifwi-region";
      base = *table;
    }
    Recognition out = whole_file(
        file, std::move(kind), fmt::format("Intel ME region at {:#x} of a larger file", base), FileKind::part,
        "there is no flash descriptor in it: give the dump of the whole chip to set the disable bit");
    out.body = Range::between(base, file.size());
    return out;
  }
  return std::nullopt;
}

}  // namespace quell::intel
