// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <lzma.h>

#include "quell/byte_view.h"

namespace quell::intel::test {

// "LZMA alone" with the three surplus zero bytes.
inline Buffer pack_lzma(Bytes plain) {
  lzma_options_lzma options{};
  lzma_lzma_preset(&options, 6);
  options.dict_size = 0x4000;
  options.lc = 0;
  options.lp = 1;
  options.pb = 1;
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_alone_encoder(&stream, &options) != LZMA_OK) return {};
  Buffer out(plain.size() + 0x200);
  stream.next_in = static_cast<const std::uint8_t*>(static_cast<const void*>(plain.data()));
  stream.avail_in = plain.size();
  stream.next_out = static_cast<std::uint8_t*>(static_cast<void*>(out.data()));
  stream.avail_out = out.size();
  if (lzma_code(&stream, LZMA_FINISH) != LZMA_STREAM_END) return {};
  out.resize(out.size() - stream.avail_out);
  lzma_end(&stream);
  // The encoder leaves the size open; the firmware's packer states it.
  for (unsigned i = 0; i < 8; ++i) out[5 + i] = static_cast<std::byte>(plain.size() >> (8 * i) & 0xFFU);
  out.insert(out.begin() + 0x0E, 3, std::byte{0});
  return out;
}

}  // namespace quell::intel::test
