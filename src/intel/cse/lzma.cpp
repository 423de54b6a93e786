// SPDX-License-Identifier: GPL-2.0-or-later
// Header: 00 properties (0x36: lc 0, lp 1, pb 1), 01 dictionary size, 05 u64 unpacked size, 0D first byte of the range
//         coder (0), 0E three surplus zero bytes, 11 the rest of the stream.
#include "intel/cse/lzma.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/lzma_stream.h"
#include "base/octets.h"
#include "base/size.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t surplus_at = 0x0E;
constexpr std::uint64_t surplus_size = 3;
constexpr std::uint64_t memory_limit = std::uint64_t{24} << 20U;
// ME Analyzer repeats the last byte of a stream that falls short; more than a page would be a damaged stream.
constexpr std::uint64_t most_extended = 0x1000;

class Decoder {
 public:
  bool start() { return lzma_alone_decoder(&stream_.get(), memory_limit) == LZMA_OK; }

  // Decodes from `in` to `out` as far as possible; both shrink. False when the stream is broken.
  bool step(Bytes& in, std::span<std::byte>& out) {
    lzma_stream& state = stream_.get();
    state.next_in = octets(in);
    state.avail_in = in.size();
    state.next_out = octets(out);
    state.avail_out = out.size();
    const lzma_ret status = lzma_code(&state, LZMA_RUN);
    in = in.last(state.avail_in);
    out = out.last(state.avail_out);
    ended_ = status == LZMA_STREAM_END;
    return status == LZMA_OK || status == LZMA_BUF_ERROR || ended_;
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  LzmaStream stream_{};
  bool ended_ = false;
};

}  // namespace

bool looks_like_lzma(ByteView stored) noexcept {
  constexpr std::array<std::byte, 5> usual{std::byte{0x36}, std::byte{0}, std::byte{0x40}, std::byte{0}, std::byte{0}};
  return stored.matches(0, Bytes(usual));
}

Result<LzmaOutput> unpack_lzma(ByteView stored, std::uint64_t limit) {
  const auto broken = [&](std::string_view why) {
    return fail(Errc::damaged, fmt::format("LZMA stream: {}", why), stored.origin());
  };
  const auto size = stored.u64(5);
  if (!size || stored.size() <= surplus_at) return broken("its header is cut off");
  if (*size > limit) return broken(fmt::format("declares {:#x} bytes where at most {:#x} can be", *size, limit));

  const bool surplus =
      stored.clip({surplus_at, surplus_size}).filled_with(std::byte{0}) && stored.has(surplus_at, surplus_size);
  Decoder decoder;
  if (!decoder.start()) return fail(Errc::io, "LZMA stream: no memory for the decoder", stored.origin());
  LzmaOutput result;
  Bytes body = stored.bytes().first(surplus_at);
  Bytes behind = stored.bytes().subspan(surplus ? surplus_at + surplus_size : surplus_at);
  std::span<std::byte> room;
  while (!decoder.ended()) {
    if (body.empty()) body = std::exchange(behind, {});
    if (room.empty() && result.bytes.size() < *size) {
      const std::uint64_t before = result.bytes.size();
      result.bytes.resize(to_size(std::min(*size, std::max<std::uint64_t>(0x4000, before * 2))));
      room = std::span(result.bytes).subspan(to_size(before));
    }
    const std::size_t left = body.size() + room.size();
    if (!decoder.step(body, room)) {
      return broken(fmt::format("damaged after {:#x} unpacked bytes", result.bytes.size() - room.size()));
    }
    // No progress: the decoder wants more of what there is no more of, or has nowhere to go with what there is.
    const bool stuck = left == body.size() + room.size();
    if (stuck && (!body.empty() || behind.empty())) break;
  }
  result.bytes.resize(result.bytes.size() - room.size());
  result.consumed = stored.size() - body.size() - behind.size();
  result.extended = *size - result.bytes.size();
  if (result.extended != 0) {
    if (result.bytes.empty() || result.extended > most_extended) {
      return broken(fmt::format("ends after {:#x} of {:#x} unpacked bytes", result.bytes.size(), *size));
    }
    result.bytes.resize(to_size(*size), result.bytes.back());
  }
  return result;
}

}  // namespace quell::intel
