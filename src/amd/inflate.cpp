// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/inflate.h"

#include <algorithm>
#include <span>

#define ZLIB_CONST
#include <zlib.h>

#include "base/octets.h"
#include "base/size.h"

namespace quell::amd {
namespace {

// Runs the stream into a buffer that grows with what really comes out.
int run(z_stream& state, Buffer& out, std::uint64_t bound, Budget& budget) {
  constexpr std::uint64_t piece = 64U << 10U;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t filled = out.size();
    const std::uint64_t room = std::min(bound - filled, piece);
    if (room == 0 || !budget.spend(room)) return Z_BUF_ERROR;
    out.resize(filled + to_size(room));
    state.next_out = octets(std::span(out).subspan(filled));
    state.avail_out = static_cast<uInt>(room);
    status = ::inflate(&state, Z_NO_FLUSH);
    out.resize(filled + to_size(room) - state.avail_out);
    if (status == Z_OK && state.avail_in == 0 && state.avail_out != 0) return Z_BUF_ERROR;
  }
  return status;
}

}  // namespace

Result<Buffer> inflate(Bytes stream, std::uint64_t bound, Budget& budget) {
  constexpr std::uint64_t best_ratio = 1040;
  constexpr std::uint64_t largest = 64U << 20U;
  if (stream.empty() || stream.size() > largest) return fail(Errc::damaged, "there is no zlib stream");
  z_stream state{};
  if (::inflateInit(&state) != Z_OK) return fail(Errc::damaged, "zlib cannot start");
  state.next_in = octets(stream);
  state.avail_in = static_cast<uInt>(stream.size());
  Buffer out;
  const int status = run(state, out, std::min({bound, stream.size() * best_ratio, largest}), budget);
  ::inflateEnd(&state);
  if (status != Z_STREAM_END && budget.exhausted()) {
    return fail(Errc::unsupported, "the image unpacks to more than any sound one: not unpacked");
  }
  if (status != Z_STREAM_END) return fail(Errc::damaged, "the zlib stream is damaged");
  return out;
}

}  // namespace quell::amd
