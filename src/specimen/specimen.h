// SPDX-License-Identifier: GPL-2.0-or-later
// Synthetic but complete firmware images, signed with keys made for the purpose. They contain nothing of any vendor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quell/byte_view.h"

#include "base/size.h"

namespace quell::specimen {

// Builds bytes with little-endian stores at absolute offsets; what was never written is 0xFF.
class Canvas {
 public:
  explicit Canvas(std::uint64_t size, std::byte blank = std::byte{0xFF}) : bytes_(to_size(size), blank) {}
  // Stores that leave the canvas are a mistake of the caller: they throw std::out_of_range.
  Canvas& u8(std::uint64_t offset, std::uint8_t value);
  Canvas& u16(std::uint64_t offset, std::uint16_t value);
  Canvas& u32(std::uint64_t offset, std::uint32_t value);
  Canvas& u64(std::uint64_t offset, std::uint64_t value);
  Canvas& text(std::uint64_t offset, std::string_view text);
  Canvas& put(std::uint64_t offset, Bytes bytes);
  [[nodiscard]] const Buffer& bytes() const noexcept { return bytes_; }
  [[nodiscard]] Buffer take() && { return std::move(bytes_); }

 private:
  std::span<std::byte> at(std::uint64_t offset, std::uint64_t size);
  Buffer bytes_;
};

}  // namespace quell::specimen
