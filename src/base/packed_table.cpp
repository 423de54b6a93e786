// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/packed_table.h"

#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#define ZLIB_CONST
#include <zlib.h>

#include "base/octets.h"
#include "quell/byte_view.h"

namespace quell {

std::string_view unpacked_table(std::string_view packed, std::size_t size) {
  auto text = std::make_unique<std::string>(size, '\0');
  z_stream stream{};
  stream.next_in = octets(as_bytes(packed));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = octets(std::as_writable_bytes(std::span(*text)));
  stream.avail_out = static_cast<uInt>(size);
  constexpr int gzip_header = 16;
  if (inflateInit2(&stream, gzip_header + MAX_WBITS) != Z_OK || inflate(&stream, Z_FINISH) != Z_STREAM_END) {
    std::abort();
  }
  inflateEnd(&stream);
  return *text.release();
}

}  // namespace quell
