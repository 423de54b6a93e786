// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/other.h"

namespace quell::specimen {
namespace {

// What a checksum field must hold so that the words of [offset, offset + size) sum to 0.
std::uint32_t missing(const Canvas& canvas, std::uint64_t offset, std::uint64_t size) {
  const ByteView view(canvas.bytes());
  std::uint32_t sum = 0;
  for (std::uint64_t i = 0; i < size; i += 4) sum += view.u32(offset + i).value_or(0);
  return 0U - sum;
}

}  // namespace

Buffer microcode() {
  constexpr std::uint32_t data_size = 0x100;
  constexpr std::uint64_t table = 0x30 + data_size;
  constexpr std::uint64_t table_size = 20 + 2 * 12;
  constexpr std::uint64_t total = (table + table_size + 15) / 16 * 16;
  Canvas canvas(total, std::byte{0});
  canvas.u32(0, 1).u32(4, 0x21).u32(8, 0x01312024).u32(0xC, 0x906E9).u32(0x14, 1).u32(0x18, 0x2A);
  canvas.u32(0x1C, data_size).u32(0x20, static_cast<std::uint32_t>(total));
  canvas.put(0x30, Buffer(data_size, std::byte{0x5A}));
  canvas.u32(table, 2).u32(table + 20, 0x906E9).u32(table + 24, 0x2A).u32(table + 32, 0x906EA).u32(table + 36, 0x22);
  // An entry's checksum is the header's with its own signature and mask.
  const std::uint32_t head = missing(canvas, 0, table);
  canvas.u32(table + 28, head).u32(table + 40, head + 0x906E9 + 0x2A - 0x906EA - 0x22);
  canvas.u32(table + 4, missing(canvas, table, table_size));
  canvas.u32(0x10, missing(canvas, 0, total));
  return std::move(canvas).take();
}

}  // namespace quell::specimen
