// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/specimen.h"

#include <algorithm>
#include <stdexcept>

#include "base/size.h"

namespace quell::specimen {

std::span<std::byte> Canvas::at(std::uint64_t offset, std::uint64_t size) {
  if (!ByteView(bytes_).has(offset, size)) throw std::out_of_range("store outside the specimen");
  return std::span(bytes_).subspan(to_size(offset), to_size(size));
}

Canvas& Canvas::u8(std::uint64_t offset, std::uint8_t value) {
  at(offset, 1)[0] = static_cast<std::byte>(value);
  return *this;
}

Canvas& Canvas::u16(std::uint64_t offset, std::uint16_t value) {
  return u8(offset, static_cast<std::uint8_t>(value)).u8(offset + 1, static_cast<std::uint8_t>(value >> 8U));
}

Canvas& Canvas::u32(std::uint64_t offset, std::uint32_t value) {
  return u16(offset, static_cast<std::uint16_t>(value)).u16(offset + 2, static_cast<std::uint16_t>(value >> 16U));
}

Canvas& Canvas::u64(std::uint64_t offset, std::uint64_t value) {
  return u32(offset, static_cast<std::uint32_t>(value)).u32(offset + 4, static_cast<std::uint32_t>(value >> 32U));
}

Canvas& Canvas::text(std::uint64_t offset, std::string_view text) { return put(offset, as_bytes(text)); }

Canvas& Canvas::put(std::uint64_t offset, Bytes bytes) {
  std::ranges::copy(bytes, at(offset, bytes.size()).begin());
  return *this;
}

}  // namespace quell::specimen
