// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <lzma.h>

namespace quell {

// A decoder of liblzma that gives its memory back. Its decoders keep pointers to the lzma_stream, so it stays in place.
class LzmaStream {
 public:
  LzmaStream() = default;
  LzmaStream(const LzmaStream&) = delete;
  LzmaStream& operator=(const LzmaStream&) = delete;
  LzmaStream(LzmaStream&&) = delete;
  LzmaStream& operator=(LzmaStream&&) = delete;
  ~LzmaStream() { lzma_end(&stream_); }

  [[nodiscard]] lzma_stream& get() noexcept { return stream_; }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace quell
