// SPDX-License-Identifier: GPL-2.0-or-later
// Layout table: 00 ROM-bypass vectors (0x10), then
//   IFWI 1.6: 10 data partition, 18 ... 38 boot partitions 1-5, 40 u64 "checksum" (0x22 in every table: meaningless)
//   IFWI 1.7: 10 u16 size of the checked area, 12 flags (bit 0 redundancy), 14 CRC-32 of [10, 10 + size) with itself 0,
//             18 data partition, 20 ... 40 boot partitions 1-5, 48 temporary pages, 50 event log (with size 0x48)
//             58 unlock token, 60 fault log (size 0x58, CSME 18 to 20), 68 second fault log (size 0x60, CSME 21): known
//             in outline, from public descriptions
// each as u32 offset, u32 size.
#include "intel/cse/layout.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/size.h"
#include "quell/digest.h"

namespace quell::intel {
namespace {

constexpr std::array<std::string_view, 11> part_names{"data",         "boot 1",    "boot 2",          "boot 3",
                                                      "boot 4",       "boot 5",    "temporary pages", "event log",
                                                      "unlock token", "fault log", "second fault log"};

struct Form {
  bool version_1_7 = false;
  std::uint64_t first = 0;  // offset of the data partition's row
  std::uint64_t rows = 0;
};
constexpr Form form_1_6{false, 0x10, 6};
constexpr Form form_1_7{true, 0x18, 11};
constexpr std::uint64_t end_1_6 = 0x48;

std::vector<LayoutPart> read_parts(ByteView region, const Form& form) {
  std::vector<LayoutPart> parts;
  for (std::uint64_t i = 0; i < form.rows; ++i) {
    const auto offset = region.u32(form.first + i * 8);
    const auto size = region.u32(form.first + i * 8 + 4);
    if (!offset || !size) break;
    if (*offset == 0 || *offset == 0xFFFFFFFF || *size == 0 || *size == 0xFFFFFFFF) continue;
    parts.push_back({part_names.at(to_size(i)), {*offset, *size}});
  }
  return parts;
}

// The table has no magic of its own: what it points to must be there.
bool plausible(ByteView region, const std::vector<LayoutPart>& parts) {
  const auto boot = std::ranges::find(parts, part_names[1], &LayoutPart::name);
  return boot != parts.end() && looks_like_bpdt(region, boot->range.offset);
}

ChecksumState crc_of(ByteView checked, std::uint64_t field) {
  const auto stored = checked.u32(field);
  if (!stored) return ChecksumState::invalid;
  constexpr std::array<std::byte, 4> zero{};
  const Bytes bytes = checked.bytes();
  const auto crc = crc32(bytes.subspan(to_size(field + 4)), crc32(zero, crc32(bytes.first(to_size(field)))));
  if (crc == *stored) return ChecksumState::valid;
  return *stored == 0 ? ChecksumState::placeholder : ChecksumState::invalid;
}

}  // namespace

std::string_view to_string(ChecksumState state) noexcept {
  switch (state) {
    case ChecksumState::valid: return "valid";
    case ChecksumState::invalid: return "INVALID";
    case ChecksumState::placeholder: return "placeholder";
    case ChecksumState::none: return "none";
  }
  return "unknown";
}

const LayoutPart* LayoutTable::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(parts, name, &LayoutPart::name);
  return found == parts.end() ? nullptr : &*found;
}

Result<LayoutTable> parse_layout_table(ByteView region) {
  if (looks_like_bpdt(region, 0) || region.matches(0x10, "$FPT") || region.matches(0, "$FPT")) {
    return fail(Errc::unrecognised, "no CSE layout table here", region.origin());
  }
  LayoutTable table;
  table.parts = read_parts(region, form_1_6);
  if (plausible(region, table.parts)) {
    table.range = {0, end_1_6};
    return table;
  }
  table.parts = read_parts(region, form_1_7);
  if (!plausible(region, table.parts)) {
    return fail(Errc::unrecognised, "no CSE layout table here", region.origin());
  }
  Fields f(region, "CSE layout table");
  table.version_1_7 = true;
  const std::uint64_t checked = f.u16(0x10);
  table.redundant = (f.u8(0x12) & 1U) != 0;
  QUELL_CHECK(f.done());
  table.range = {0, 0x10 + checked};
  // The checked area ends with the last row that the table has.
  const std::uint64_t rows = checked > 8 ? (checked - 8) / 8 : 0;
  std::erase_if(table.parts, [&](const LayoutPart& part) {
    const auto place = std::ranges::find(part_names, part.name) - part_names.begin();
    return static_cast<std::uint64_t>(place) >= rows;
  });
  const auto area = region.sub(0x10, checked);
  table.checksum = area ? crc_of(*area, 0x04) : ChecksumState::invalid;
  return table;
}

}  // namespace quell::intel
