// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes as the C libraries take them. One place where std::byte and unsigned char meet.
#pragma once

#include <cstdint>
#include <span>

#include "quell/byte_view.h"

namespace quell {

inline const std::uint8_t* octets(Bytes bytes) noexcept {
  return static_cast<const std::uint8_t*>(static_cast<const void*>(bytes.data()));
}
inline std::uint8_t* octets(std::span<std::byte> bytes) noexcept {
  return static_cast<std::uint8_t*>(static_cast<void*>(bytes.data()));
}

}  // namespace quell
