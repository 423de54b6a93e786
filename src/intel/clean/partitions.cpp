// SPDX-License-Identifier: GPL-2.0-or-later
// Which partitions go, and the partition table that is left (docs/formats/intel-me.md#what-cleaning-does).
#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "intel/clean/workspace.h"

namespace quell::intel {
namespace {

constexpr std::string_view code_name = "FTPR";
constexpr std::string_view effs_name = "EFFS";
constexpr std::uint32_t effs_present = 1;  // bit 0 of the table's flags

bool listed(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool stays(const CleanOptions& options, std::string_view name) {
  if (name == code_name) return true;
  return options.drop.empty() ? listed(options.keep, name) : !listed(options.drop, name);
}

// Rows that survive, in table order. Erases the data of all others. A row without data of its own, and one that claims
// bytes past the region, is dropped without touching anything.
Result<std::vector<FptEntry>> erase_dropped(Workspace& work) {
  const std::uint64_t size = work.me_size();
  const auto& entries = work.me->table.entries;
  std::vector<FptEntry> kept;
  for (const FptEntry& entry : entries) {
    const bool open_ended = entry.length == FptEntry::to_end_of_region && &entry == &entries.back() &&
                            work.me->product == Product::me && work.me->manifest.version.major == 6;
    const Range range = open_ended ? entry.range(size) : Range{entry.offset, entry.length};
    const bool usable = entry.has_data() && !range.empty() && range.end() <= size;
    const bool is_code = entry.comparable_name == code_name;
    if (!usable && is_code && entry.row_offset == work.me->code_partition.row_offset) {
      return fail(Errc::damaged,
                  "the FTPR partition is not wholly inside the ME region: the file is cut short or damaged",
                  work.me_range.offset + entry.row_offset);
    }
    if (!usable) continue;
    if (!stays(work.options, entry.comparable_name)) {
      QUELL_CHECK(work.erase(range, fmt::format("remove partition {}", entry.name)));
      continue;
    }
    kept.push_back(entry);
    if (!is_code) work.kept_end = std::max(work.kept_end, range.end());
  }
  return kept;
}

// The EFFS flag says that an EFFS partition exists. It stays only when that partition was kept by request.
bool clears_effs_flag(const CleanOptions& options) {
  return options.drop.empty() ? !listed(options.keep, effs_name) : listed(options.drop, effs_name);
}

Result<void> update_checksum(Workspace& work, std::uint64_t kept_rows) {
  const FlashPartitionTable& table = work.me->table;
  constexpr std::uint64_t checksum_at = 0x0B;
  if (table.checksum == FptChecksum::crc32) {
    const Range range{table.offset, FlashPartitionTable::header_size + FlashPartitionTable::row_size * kept_rows};
    QUELL_TRY(const Buffer rewritten, work.read(range));
    return work.set_u32(table.offset + 0x14, fpt_crc32(rewritten), "partition table CRC-32");
  }
  const bool with_vectors = table.checksum == FptChecksum::vectors_and_header;
  const std::uint64_t start = with_vectors ? 0 : table.offset;
  const std::uint64_t end = table.offset + FlashPartitionTable::header_size;
  QUELL_TRY(const Buffer covered, work.read(Range::between(start, end)));
  const std::uint64_t place = table.offset + checksum_at - start;
  return work.builder.replace(work.me_range.offset + table.offset + checksum_at,
                              {static_cast<std::byte>(fpt_checksum(covered, place))}, "partition table checksum");
}

Result<void> rewrite_table(Workspace& work, const std::vector<FptEntry>& kept) {
  const FlashPartitionTable& table = work.me->table;
  const std::uint64_t rows_at = table.offset + FlashPartitionTable::header_size;
  constexpr std::uint64_t row_size = FlashPartitionTable::row_size;
  Buffer rows;
  for (const FptEntry& entry : kept) {
    QUELL_TRY(const ByteView row, work.me->bytes.sub(entry.row_offset, row_size));
    rows.insert(rows.end(), row.bytes().begin(), row.bytes().end());
  }
  QUELL_CHECK(work.builder.replace(work.me_range.offset + rows_at, std::move(rows), "partition table: rows that stay"));
  QUELL_CHECK(work.erase(Range::between(rows_at + row_size * kept.size(), table.range.end()),
                         "partition table: rows of removed partitions"));
  QUELL_CHECK(
      work.set_u32(table.offset + 0x04, static_cast<std::uint32_t>(kept.size()), "partition table: number of rows"));
  if (table.checksum != FptChecksum::crc32 && clears_effs_flag(work.options)) {
    QUELL_CHECK(work.set_u32(table.offset + 0x14, table.flags & ~effs_present, "partition table: no EFFS partition"));
  }
  return update_checksum(work, kept.size());
}

void notice_unknown_names(Workspace& work) {
  for (const auto* list : {&work.options.keep, &work.options.drop}) {
    for (const std::string& name : *list) {
      if (std::ranges::find(work.me->table.entries, name, &FptEntry::comparable_name) != work.me->table.entries.end())
        continue;
      work.notice("intel.clean.no-such-partition", Question::structure,
                  fmt::format("there is no partition {} in this image", name));
    }
  }
}

}  // namespace

Result<void> remove_partitions(Workspace& work) {
  notice_unknown_names(work);
  QUELL_TRY(const auto kept, erase_dropped(work));
  if (std::ranges::find(kept, code_name, &FptEntry::comparable_name) == kept.end()) {
    return fail(Errc::damaged, "no FTPR partition would be left, and without it the machine does not start",
                work.me_range.offset + work.me->table.offset);
  }
  return rewrite_table(work, kept);
}

}  // namespace quell::intel
