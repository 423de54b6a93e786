// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "amd/directory.h"
#include "base/size.h"
#include "specimen/amd_parts.h"

namespace quell::specimen {
namespace {

constexpr std::uint64_t largest_window = 0x1000000;

std::uint64_t window_of(std::uint64_t size) { return std::min(size, largest_window); }

}  // namespace

std::uint64_t AmdFlash::reserve(std::uint64_t size) {
  const std::uint64_t at = next_;
  next_ += (size + 0xFF) / 0x100 * 0x100;
  return at;
}

std::uint64_t AmdFlash::put(Bytes bytes) {
  const std::uint64_t at = reserve(bytes.size());
  canvas_.put(at, bytes);
  return at;
}

std::uint64_t AmdFlash::mmio(std::uint64_t offset) const { return 0x100000000 - window_of(size_) + offset; }

std::uint64_t AmdFlash::address(unsigned mode, std::uint64_t directory, std::uint64_t offset) const {
  if (mode == 0) return mmio(offset);
  return std::uint64_t{mode} << 62U | (mode == 2 ? offset - directory : offset);
}

void AmdFlash::seal(std::uint64_t at, std::uint64_t place, std::uint64_t first, std::uint64_t size) {
  canvas_.u32(at + place, amd::fletcher32(Bytes(canvas_.bytes()).subspan(to_size(at + first), to_size(size))));
}

std::uint64_t AmdFlash::directory(std::string_view cookie, unsigned mode, const std::vector<AmdRow>& rows) {
  const bool bios = cookie.starts_with("$B");
  const std::uint64_t row_size = bios ? 0x18 : 0x10;
  const std::uint64_t size = 0x10 + rows.size() * row_size;
  const std::uint64_t at = reserve(size);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const AmdRow& row = rows[i];
    const std::uint64_t entry = at + 0x10 + i * row_size;
    canvas_.u8(entry, row.type).u8(entry + 1, bios ? 0 : row.subprogram).u16(entry + 2, row.flags);
    canvas_.u32(entry + 4, row.size != 0 ? row.size : static_cast<std::uint32_t>(row.bytes.size()));
    canvas_.u64(entry + 8, row.bytes.empty() ? row.address : address(mode, at, put(row.bytes)));
    if (bios) canvas_.u64(entry + 0x10, row.destination);
  }
  const std::uint64_t pages = (next_ - at + 0xFFF) / 0x1000;
  canvas_.text(at, cookie).u32(at + 8, static_cast<std::uint32_t>(rows.size()));
  canvas_.u32(at + 0xC, static_cast<std::uint32_t>(pages) | 1U << 10U | mode << 29U);
  seal(at, 4, 8, size - 8);
  return at;
}

std::uint64_t AmdFlash::combo(std::string_view cookie,
                              const std::vector<std::pair<std::uint32_t, std::uint64_t>>& targets) {
  const std::uint64_t size = 0x20 + 0x10 * targets.size();
  const std::uint64_t at = reserve(size);
  canvas_.text(at, cookie).u32(at + 8, static_cast<std::uint32_t>(targets.size())).u32(at + 0xC, 1);
  canvas_.put(at + 0x10, Buffer(0x10));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::uint64_t entry = at + 0x20 + 0x10 * i;
    canvas_.u32(entry, 0).u32(entry + 4, targets[i].first).u64(entry + 8, targets[i].second);
  }
  seal(at, 4, 8, size - 8);
  return at;
}

std::uint64_t AmdFlash::slot_header(std::uint32_t priority, std::uint64_t level2) {
  const std::uint64_t at = put(Buffer(0x20));
  canvas_.u32(at + 4, priority).u32(at + 8, 2).u32(at + 0x10, static_cast<std::uint32_t>(level2));
  canvas_.u32(at + 0x14, 0xBC0D0900).u32(at + 0x18, 0xFFFFFFFF);
  seal(at, 0, 4, 0x1C);
  return at;
}

void AmdFlash::efs(std::uint32_t generation, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& pointers) {
  canvas_.u32(amd_efs_offset, 0x55AA55AA).u32(amd_efs_offset + 0x24, generation);
  for (const auto& [field, value] : pointers) canvas_.u32(amd_efs_offset + field, static_cast<std::uint32_t>(value));
}

}  // namespace quell::specimen
