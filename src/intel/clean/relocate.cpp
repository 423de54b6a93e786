// SPDX-License-Identifier: GPL-2.0-or-later
// Moving FTPR to the lowest offset at which the firmware still finds its chunk table.
#include <algorithm>

#include <fmt/format.h>

#include "intel/clean/workspace.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t lowest_offset = 0x400;  // behind the largest partition table in use
constexpr std::uint64_t alignment = 0x20;

// The firmware looks for the chunk table at SpiBase + K, so SpiBase must not become negative.
std::uint64_t new_code_offset(const MeRegion& me) {
  if (!me.llut) return lowest_offset;
  const std::uint64_t llut_in_partition = me.llut->offset - me.code_offset();
  const std::uint64_t needed = llut_in_partition + Llut::header_size;
  const std::uint64_t bound = me.llut->table_key > needed ? me.llut->table_key - needed : 0;
  return (std::max(lowest_offset, bound) + alignment - 1) / alignment * alignment;
}

// `value` moved from the old place of FTPR to the new one.
Result<std::uint32_t> moved(std::uint64_t value, std::uint64_t from, std::uint64_t to, std::string_view what) {
  if (to >= from) return static_cast<std::uint32_t>(value + (to - from));
  if (value < from - to) {
    return fail(Errc::damaged, fmt::format("FTPR cannot be moved: {} {:#x} would become negative", what, value));
  }
  return static_cast<std::uint32_t>(value - (from - to));
}

Result<void> move_llut(Workspace& work, const Llut& llut, std::uint64_t from, std::uint64_t to) {
  QUELL_TRY(const auto table, moved(llut.offset + Llut::header_size, from, to, "the chunk table's offset"));
  if (table < llut.table_key) {
    return fail(Errc::damaged, "FTPR cannot be moved: the chunk table's SpiBase would become negative",
                work.me_range.offset + llut.offset);
  }
  QUELL_CHECK(work.set_u32(llut.offset + 0x0C, table - llut.table_key, "chunk table: SpiBase after the move"));
  QUELL_TRY(const auto stream, moved(llut.stream_offset, from, to, "the stream offset"));
  QUELL_CHECK(work.set_u32(llut.offset + 0x14, stream, "chunk table: stream offset after the move"));
  Buffer entries;
  entries.reserve(llut.entries.size() * 4);
  for (const std::uint32_t entry : llut.entries) {
    std::uint32_t word = entry;
    if (entry >> 24U != 0x80) {
      QUELL_TRY(const auto offset, moved(entry & 0xFFFFFFU, from, to, "a chunk offset"));
      word = (entry & 0xFF000000U) | (offset & 0xFFFFFFU);
    }
    for (unsigned shift = 0; shift < 32; shift += 8) entries.push_back(static_cast<std::byte>(word >> shift));
  }
  return work.builder.replace(work.me_range.offset + llut.offset + Llut::header_size, std::move(entries),
                              "chunk table: offsets after the move");
}

}  // namespace

Result<void> relocate_code_partition(Workspace& work) {
  const MeRegion& me = *work.me;
  const std::uint64_t from = me.code_offset();
  const std::uint64_t to = new_code_offset(me);
  const Range old_range = Range{from, me.code_length()}.intersection({0, work.me_size()});
  const Range new_range{to, old_range.size};
  if (from == to) return {};
  if (new_range.end() > work.me_size()) {
    return fail(Errc::damaged, "FTPR cannot be moved: there is no room for it", work.me_range.offset + from);
  }
  const std::uint64_t first_row = me.table.offset + FlashPartitionTable::header_size;
  QUELL_CHECK(work.set_u32(first_row + 0x08, static_cast<std::uint32_t>(to), "partition table: FTPR's new offset"));
  if (me.llut) QUELL_CHECK(move_llut(work, *me.llut, from, to));

  QUELL_TRY(Buffer content, work.read(old_range));
  QUELL_CHECK(work.erase(old_range, "FTPR's old place"));
  QUELL_CHECK(work.builder.replace(work.me_range.offset + to, std::move(content),
                                   fmt::format("move FTPR from {:#x} to {:#x}", from, to)));
  QUELL_TRY(work.essential_end, moved(work.essential_end, from, to, "the end of the code"));
  work.code_offset = to;
  return {};
}

}  // namespace quell::intel
