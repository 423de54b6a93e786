// SPDX-License-Identifier: GPL-2.0-or-later
// Header: 00 `$CPD`, 04 entries, 08 header version, 09 entry version, 0A header length, 0B checksum (version 1),
//         0C partition name (4); version 2: 10 CRC-32.
// Entry:  00 name (12), 0C bits 24:0 offset, bit 25 Huffman, 10 size, 14 reserved.
#include "intel/code_directory.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/checksum.h"
#include "base/size.h"
#include "quell/digest.h"

namespace quell::intel {
namespace {

bool checksum_valid(const CodeDirectory& directory, Bytes table) {
  if (directory.header_version < 2) return sum_of(table) == 0;
  constexpr std::array<std::byte, 4> zero{};
  const auto stored = ByteView(table).u32(0x10);
  return stored.has_value() && *stored == crc32(table.subspan(0x14), crc32(zero, crc32(table.first(0x10))));
}

}  // namespace

const CodeDirectoryEntry* CodeDirectory::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(entries, name, &CodeDirectoryEntry::name);
  return found == entries.end() ? nullptr : &*found;
}

Result<CodeDirectory> parse_code_directory(ByteView partition) {
  if (!partition.matches(0, "$CPD")) return fail(Errc::unrecognised, "no $CPD here", partition.origin());
  CodeDirectory directory;
  directory.bytes = partition;
  Fields f(partition, "$CPD header");
  const std::uint64_t count = f.u32(0x04);
  directory.header_version = f.u8(0x08);
  directory.entry_version = f.u8(0x09);
  directory.header_size = directory.header_version >= 2 ? 0x14 : 0x10;
  directory.partition_name = f.text(0x0C, 4);
  const ByteView table = f.sub(0, directory.header_size + CodeDirectory::entry_size * count);
  QUELL_CHECK(f.done());
  directory.entries.reserve(to_size(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    Fields e(table.clip({directory.header_size + CodeDirectory::entry_size * i, CodeDirectory::entry_size}),
             "$CPD entry");
    CodeDirectoryEntry entry;
    entry.name = e.text(0x00, 12);
    entry.plain_name =
        std::ranges::all_of(e.sub(0x00, 12).bytes(), [](std::byte byte) { return byte < std::byte{0x80}; });
    const std::uint32_t word = e.u32(0x0C);
    entry.offset = word & 0x1FFFFFFU;
    entry.huffman = (word >> 25U & 1U) != 0;
    entry.size = e.u32(0x10);
    QUELL_CHECK(e.done());
    directory.entries.push_back(std::move(entry));
  }
  directory.checksum_valid = checksum_valid(directory, table.bytes());
  return directory;
}

std::vector<Range> stored_ranges(const CodeDirectory& directory, std::uint64_t end) {
  std::vector<std::size_t> order(directory.entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // An absent file keeps its row, with offset and size 0.
  std::erase_if(order, [&](std::size_t i) { return directory.entries[i].absent(); });
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return directory.entries[i].offset; });
  std::vector<Range> ranges(directory.entries.size());
  std::uint64_t next = end;
  for (auto place = order.rbegin(); place != order.rend(); ++place) {
    const std::size_t i = *place;
    const std::uint64_t offset = directory.entries[i].offset;
    ranges[i] = Range::between(offset, std::min(next, end));
    next = offset;
  }
  return ranges;
}

}  // namespace quell::intel
