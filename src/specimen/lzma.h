// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "quell/byte_view.h"

namespace quell::specimen {

struct LzmaShape {
  std::uint32_t literal_context = 3;   // lc
  std::uint32_t literal_position = 0;  // lp
  std::uint32_t position = 2;          // pb
  std::uint32_t preset = 1;            // of liblzma, 0 to 9
  std::uint32_t dictionary = 0;        // bytes; 0: the preset's
  bool x86 = false;                    // relative jumps made absolute first
};

// "LZMA alone": u8 (pb * 5 + lp) * 9 + lc, u32 dictionary size, u64 unpacked size, then the stream without an end mark.
Buffer lzma_alone(Bytes plain, const LzmaShape& shape);

}  // namespace quell::specimen
