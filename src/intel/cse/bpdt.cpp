// SPDX-License-Identifier: GPL-2.0-or-later
// BPDT: 00 signature (AA 55 00 00; recovery AA 55 AA 00), 04 u16 entries, 06 version,
//   version 1: 06 u16, 08 reserved, 0A checksum of everything, 0B checksum of the entries with flags, 0C IFWI stamp
//   version 2: 06 u8, 07 bit 0 redundancy, 08 CRC-32 from 04 on with itself 0, 0C IFWI stamp
//   10 tool version (4 x 16), 18 entries of 12 bytes: u16 type, u16 flags, u32 offset, u32 size.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/checksum.h"
#include "base/size.h"
#include "base/table.h"
#include "data/intel-bpdt-types.h"
#include "intel/cse/layout.h"
#include "quell/digest.h"

namespace quell::intel {
namespace {

constexpr std::uint32_t boot_signature = 0x000055AA;
constexpr std::uint32_t recovery_signature = 0x00AA55AA;
constexpr std::uint64_t header_size = 0x18;
constexpr std::uint64_t entry_size = 12;
constexpr std::uint64_t most_entries = 64;

std::string name_of(std::uint16_t type) {
  static const auto names = [] {
    std::map<std::uint16_t, std::string> out;
    for (const auto row : Table(data::intel_bpdt_types)) out.emplace(row.number<std::uint16_t>("type"), row["name"]);
    return out;
  }();
  const auto found = names.find(type);
  return found == names.end() ? fmt::format("type {}", type) : found->second;
}

// Version 1: byte 0A makes the sum of header (from 04) and entries zero, byte 0B the same with the entries of some
// types only. Both count as zero themselves. Found on real tables; documented nowhere.
ChecksumState sums_of_version_1(ByteView table) {
  constexpr std::array<std::uint16_t, 6> special{1, 5, 9, 10, 12, 13};
  const Bytes bytes = table.bytes();
  const auto stored_all = std::to_integer<std::uint8_t>(bytes[0x0A]);
  const auto stored_special = std::to_integer<std::uint8_t>(bytes[0x0B]);
  if (stored_all == 0 && stored_special == 0) return ChecksumState::placeholder;
  const unsigned header = sum_of(bytes.subspan(4, 6)) + unsigned{sum_of(bytes.subspan(12, header_size - 12))};
  const std::uint8_t all = complement_of(header + sum_of(bytes.subspan(header_size)));
  unsigned some = header;
  for (std::uint64_t at = header_size; at < table.size(); at += entry_size) {
    const auto type = table.u16(at);
    if (type && std::ranges::find(special, *type) != special.end()) {
      some += sum_of(bytes.subspan(to_size(at), entry_size));
    }
  }
  return all == stored_all && complement_of(some) == stored_special ? ChecksumState::valid : ChecksumState::invalid;
}

ChecksumState crc_of_version_2(ByteView table, std::uint32_t stored) {
  constexpr std::array<std::byte, 4> zero{};
  const Bytes bytes = table.bytes();
  const auto crc = crc32(bytes.subspan(0x0C), crc32(zero, crc32(bytes.subspan(4, 4))));
  if (crc == stored) return ChecksumState::valid;
  return stored == 0 ? ChecksumState::placeholder : ChecksumState::invalid;
}

}  // namespace

bool looks_like_bpdt(ByteView view, std::uint64_t offset) noexcept {
  const auto signature = view.u32(offset);
  if (!signature || (*signature != boot_signature && *signature != recovery_signature)) return false;
  const auto version = view.u8(offset + 6);
  const auto count = view.u16(offset + 4);
  return version && count && (*version == 1 || *version == 2) && *count <= most_entries;
}

Result<Bpdt> parse_bpdt(ByteView view, std::uint64_t offset, std::uint64_t base) {
  if (!looks_like_bpdt(view, offset)) return fail(Errc::unrecognised, "no BPDT here", view.origin() + offset);
  QUELL_TRY(const ByteView at, view.from(offset));
  Bpdt table;
  Fields f(at, "BPDT");
  table.recovery = f.u32(0x00) == recovery_signature;
  const std::uint64_t count = f.u16(0x04);
  table.version = f.u8(0x06);
  table.redundant = table.version == 2 && (f.u8(0x07) & 1U) != 0;
  table.ifwi_version = f.u32(0x0C);
  for (std::size_t i = 0; i < table.tool_version.size(); ++i) table.tool_version.at(i) = f.u16(0x10 + i * 2);
  const ByteView whole = f.sub(0, header_size + count * entry_size);
  const std::uint32_t crc = f.u32(0x08);
  QUELL_CHECK(f.done());
  table.range = {offset, whole.size()};
  table.checksum = table.version == 2 ? crc_of_version_2(whole, crc) : sums_of_version_1(whole);
  for (std::uint64_t i = 0; i < count; ++i) {
    Fields e(whole.clip({header_size + i * entry_size, entry_size}), "BPDT entry");
    BpdtEntry entry;
    entry.type = e.u16(0);
    entry.flags = e.u16(2);
    entry.name = name_of(entry.type);
    const std::uint32_t start = e.u32(4);
    const std::uint32_t size = e.u32(8);
    QUELL_CHECK(e.done());
    const auto place = checked_add(base, start);
    if (size != 0 && start != 0 && start != 0xFFFFFFFF && place) entry.range = {*place, size};
    table.entries.push_back(std::move(entry));
  }
  return table;
}

}  // namespace quell::intel
