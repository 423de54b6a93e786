// SPDX-License-Identifier: GPL-2.0-or-later
// Configuration files 6 and 7: 00 u32 records, then from 04
//   CSME 11, 12, CSTXE (0x1C bytes): 00 name (12), 0C reserved, 0E mode (bit 12: directory), 10 options, 12 size,
//                                    14 user, 16 group, 18 u32 offset
//   CSME 13 and later (0x0C bytes):  00 u32 number, 04 u32 offset, 08 u16 size, 0A u16 flags
#include <algorithm>

#include <fmt/format.h>

#include "intel/cse/mfs.h"

#include "base/size.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t named_size = 0x1C;
constexpr std::uint64_t numbered_size = 0x0C;
constexpr std::uint16_t directory_bit = 1U << 12U;

MfsConfigRecord read_named(Fields& f, std::uint64_t at) {
  MfsConfigRecord record{.name = f.text(at, 12)};
  record.mode = f.u16(at + 0x0E);
  record.options = f.u16(at + 0x10);
  record.directory = (record.mode & directory_bit) != 0;
  record.range = {f.u32(at + 0x18), f.u16(at + 0x12)};
  return record;
}

MfsConfigRecord read_numbered(Fields& f, std::uint64_t at) {
  return {
      .name = fmt::format("{:08x}", f.u32(at)), .range = {f.u32(at + 4), f.u16(at + 8)}, .options = f.u16(at + 0x0A)};
}

Result<std::vector<MfsConfigRecord>> read_all(ByteView file, std::uint64_t count, std::uint64_t width) {
  if (count > file.size() / width) return fail(Errc::damaged, "more configuration records than fit", file.origin());
  Fields f(file, "MFS configuration record");
  std::vector<MfsConfigRecord> records;
  records.reserve(to_size(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = 4 + i * width;
    records.push_back(width == named_size ? read_named(f, at) : read_numbered(f, at));
    const auto& record = records.back();
    if (width == named_size && (record.name.empty() || record.name.find('\\') != std::string::npos)) {
      return fail(Errc::damaged, "a configuration record has no name", file.origin() + at);
    }
    const bool fits = record.directory || record.range.empty() ||
                      (record.range.offset >= 4 + count * width && file.has(record.range.offset, record.range.size));
    if (!fits) return fail(Errc::damaged, "a configuration record points outside its file", file.origin() + at);
  }
  QUELL_CHECK(f.done());
  return records;
}

}  // namespace

Result<std::vector<MfsConfigRecord>> parse_mfs_configuration(ByteView file) {
  QUELL_TRY(const std::uint32_t count, file.u32(0));
  auto named = read_all(file, count, named_size);
  return named ? named : read_all(file, count, numbered_size);
}

}  // namespace quell::intel
