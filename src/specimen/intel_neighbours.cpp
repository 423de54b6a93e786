// SPDX-License-Identifier: GPL-2.0-or-later
// What shares the flash chip with the engine: the network controller's words and the BIOS.
#include <algorithm>

#include "specimen/intel_parts.h"

namespace quell::specimen {

Buffer gbe_region(Random& random) {
  Canvas canvas(0x2000);
  constexpr std::uint64_t words = 0x40;
  std::uint16_t sum = 0;
  Buffer bank = from_hex("02005e005350");  // a locally administered address
  append(bank, random.noise(2 * (words - 1) - bank.size()));
  bank[0x27] = (bank[0x27] & std::byte{0x3F}) | std::byte{0x80};  // word 0x13, bits 15:14: this bank is valid
  for (std::size_t i = 0; i < bank.size(); i += 2) {
    sum = static_cast<std::uint16_t>(sum + ByteView(bank).u16(i).value_or(0));
  }
  append_u16(bank, static_cast<std::uint16_t>(0xBABA - sum));  // the words of a bank add up to 0xBABA
  canvas.put(0, bank).put(0x1000, bank);
  return std::move(canvas).take();
}

namespace {

// Firmware volume header, PI specification volume 3, section 3.2.1.
Buffer volume_header(std::uint64_t size) {
  Buffer out(16);
  append(out, from_hex("78e58c8c3d8a1c4f9935896185c32dd3"));  // FFS version 2
  append_u32(out, size);
  append_u32(out, size >> 32U);
  append(out, "_FVH", 4);
  append_u32(out, 0x0004FEFF);
  append_u16(out, 0x48);
  append_u16(out, 0);
  append_u16(out, 0);
  append_u8(out, 0);
  append_u8(out, 2);
  append_u32(out, size / 0x1000);
  append_u32(out, 0x1000);
  out.resize(0x48);
  std::uint16_t sum = 0;
  for (std::size_t i = 0; i < out.size(); i += 2) {
    sum = static_cast<std::uint16_t>(sum + ByteView(out).u16(i).value_or(0));
  }
  const auto checksum = static_cast<std::uint16_t>(0x10000 - sum);
  out[0x32] = static_cast<std::byte>(checksum);
  out[0x33] = static_cast<std::byte>(checksum >> 8U);
  return out;
}

// One raw file, section 3.2.3: header checksum over the header less state and file checksum.
Buffer raw_file(Bytes content) {
  Buffer out = from_hex("51756c6c00000000000053706563696d");
  append_u16(out, 0xAA00);
  append_u8(out, 0x01);
  append_u8(out, 0);
  const std::uint64_t size = 0x18 + content.size();
  append_u16(out, size);
  append_u8(out, size >> 16U);
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i != 0x11) sum = static_cast<std::uint8_t>(sum + std::to_integer<std::uint8_t>(out[i]));
  }
  out[0x10] = static_cast<std::byte>(0x100 - sum);
  append_u8(out, 0xF8);
  append(out, content);
  return out;
}

}  // namespace

Buffer bios_region(std::uint64_t size, Random& random) {
  Canvas canvas(size);
  const std::uint64_t volume = size / 0x1000 * 0x1000 - 0x1000;
  const std::uint64_t content = std::min<std::uint64_t>(volume / 2, 0x300000);
  canvas.put(0, volume_header(volume));
  canvas.put(0x48, raw_file(random.noise(content)));
  canvas.put(size - 0x10, from_hex("90e9bbff"));  // reset vector: nop, jump back
  return std::move(canvas).take();
}

}  // namespace quell::specimen
