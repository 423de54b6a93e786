// SPDX-License-Identifier: GPL-2.0-or-later
// LZMA as Intel stores it in modules since ME 6.
#pragma once

#include <cstdint>

#include "quell/byte_view.h"

namespace quell::intel {

struct LzmaOutput {
  Buffer bytes{};
  std::uint64_t consumed = 0;  // stored bytes the stream really takes, the header included
  std::uint64_t extended = 0;  // bytes at the end that repeat the last one, because the stream was short of them
};

// Unpacks a stream that starts with the view: the "LZMA alone" header of 13 bytes, the range coder's first byte, and
// three more zero bytes that do not belong to it. The size in the header must be known and at most `limit`. Memory
// grows with what is really unpacked, and a dictionary over 16 MiB is refused.
Result<LzmaOutput> unpack_lzma(ByteView stored, std::uint64_t limit);

// Whether the view starts like such a stream: the properties 0x36, a 16 KiB dictionary and a size.
bool looks_like_lzma(ByteView stored) noexcept;

}  // namespace quell::intel
