// SPDX-License-Identifier: GPL-2.0-or-later
// Header, from `$FPT` at H (0x00 or 0x10, with 16 bytes of ROM-bypass vectors before it):
//   H + 0x00  4  `$FPT`                    H + 0x0B  1  checksum; version 0x21: flags
//   H + 0x04  4  number of rows            H + 0x10  4  UMA size
//   H + 0x08  1  version, BCD              H + 0x14  4  flags, bit 0 = EFFS present; version 0x21: CRC-32
//   H + 0x09  1  row version               H + 0x18  8  image tool version, four 16-bit parts
//   H + 0x0A  1  header length, 0x20/0x30  H + 0x20     rows of 0x20 bytes
// Row: +0x00 name, +0x04 owner, +0x08 offset, +0x0C length, +0x10 tokens and scratch sectors, +0x1C flags.
#include "intel/fpt.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checksum.h"
#include "base/size.h"
#include "quell/digest.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t vectors_size = 0x10;
constexpr std::uint64_t checksum_at = 0x0B;
constexpr std::uint64_t crc_at = 0x14;

// Some early CSE images carry version 0x20 on a version 0x21 table: the second word of the CRC is then neither 0x0000
// nor 0xFFFF, which the flags that stand there otherwise always are.
bool has_crc(ByteView header, std::uint8_t version, std::uint8_t header_length) {
  if (version >= 0x21) return true;
  const auto word = header.u16(crc_at + 2).value_or(0);
  return version == 0x20 && header_length == 0x20 && word != 0 && word != 0xFFFF;
}

FptEntry read_row(ByteView row, std::uint64_t row_offset) {
  FptEntry entry;
  entry.row_offset = row_offset;
  entry.name = row.text(0, 4).value_or("");
  const auto name_bytes = row.bytes().first(4);
  const bool plain = std::ranges::all_of(name_bytes, [](std::byte byte) { return byte < std::byte{0x80}; });
  entry.comparable_name = plain ? entry.name : "????";
  // Rubbish where a name should be is shown as what it is.
  if (entry.name.find('\\') != std::string::npos) entry.name = fmt::format("0x{}", to_hex(name_bytes));
  entry.offset = row.u32(0x08).value_or(0);
  entry.length = row.u32(0x0C).value_or(0);
  entry.flags = row.u32(0x1C).value_or(0);
  return entry;
}

void check(FlashPartitionTable& table, ByteView region, ByteView whole) {
  const ByteView header = whole.clip({0, FlashPartitionTable::header_size});
  if (has_crc(header, table.version, table.header_length)) {
    table.checksum = FptChecksum::crc32;
    table.checksum_valid = fpt_crc32(whole.bytes()) == table.flags;
    return;
  }
  const bool with_vectors = table.header_length == 0x30 && table.offset == vectors_size;
  table.checksum = with_vectors ? FptChecksum::vectors_and_header : FptChecksum::header;
  const ByteView covered = with_vectors ? region.clip({0, vectors_size + FlashPartitionTable::header_size}) : header;
  table.checksum_valid = sum_of(covered.bytes()) == 0;
  table.checksum_placeholder = !table.checksum_valid && table.checksum_byte == 0;
}

}  // namespace

Range FptEntry::range(std::uint64_t region_size) const noexcept {
  if (length == to_end_of_region && offset < region_size) return Range::between(offset, region_size);
  return {offset, length};
}

const FptEntry* FlashPartitionTable::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(entries, name, &FptEntry::name);
  return found == entries.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> find_fpt(ByteView region) {
  for (const std::uint64_t offset : {std::uint64_t{0}, vectors_size}) {
    if (region.matches(offset, "$FPT")) return offset;
  }
  return std::nullopt;
}

Result<FlashPartitionTable> parse_fpt(ByteView region, std::uint64_t offset) {
  QUELL_TRY(const auto from_table, region.from(offset));
  if (!from_table.matches(0, "$FPT")) return fail(Errc::unrecognised, "no $FPT here", from_table.origin());
  FlashPartitionTable table;
  table.offset = offset;
  Fields f(from_table, "$FPT header");
  const std::uint64_t count = f.u32(0x04);
  table.version = f.u8(0x08);
  table.entry_version = f.u8(0x09);
  table.header_length = f.u8(0x0A);
  table.checksum_byte = f.u8(checksum_at);
  table.uma_size = f.u32(0x10);
  table.flags = f.u32(crc_at);
  const std::uint64_t size = FlashPartitionTable::header_size + FlashPartitionTable::row_size * count;
  const ByteView whole = f.sub(0, size);
  QUELL_CHECK(f.done());
  table.range = {offset, size};
  table.entries.reserve(to_size(count));
  for (std::uint64_t at = FlashPartitionTable::header_size; at < size; at += FlashPartitionTable::row_size) {
    table.entries.push_back(read_row(whole.clip({at, FlashPartitionTable::row_size}), offset + at));
  }
  check(table, region, whole);
  return table;
}

std::uint8_t fpt_checksum(Bytes covered, std::uint64_t place) {
  return complement_of(sum_of(covered) - std::to_integer<unsigned>(covered[to_size(place)]));
}

std::uint32_t fpt_crc32(Bytes table) {
  constexpr std::array<std::byte, 4> zero{};
  if (table.size() < crc_at + 4) return 0;
  return crc32(table.subspan(crc_at + 4), crc32(zero, crc32(table.first(crc_at))));
}

}  // namespace quell::intel
