// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/unpack.h"

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>

#ifdef QUELL_HAS_BROTLI
#include <brotli/decode.h>

#include "base/lzma_stream.h"
#include "base/octets.h"
#endif

namespace quell::uefi {
namespace {

constexpr std::uint64_t largest_dictionary = std::uint64_t{64} << 20U;
constexpr std::uint64_t lzma_memory = std::uint64_t{80} << 20U;
constexpr std::uint64_t lzma_header = 13;
constexpr std::uint64_t lzma_size_at = 5;
constexpr std::uint64_t brotli_header = 16;

tl::unexpected<Error> broken(ByteView packed, std::string why) {
  return fail(Errc::damaged, std::move(why), packed.origin());
}

tl::unexpected<Error> too_large(ByteView packed, std::uint64_t size, std::uint64_t limit) {
  return fail(Errc::refused, fmt::format("it announces {:#x} bytes where at most {:#x} are unpacked", size, limit),
              packed.origin());
}

Result<Unpacked> unpack_lzma(ByteView packed, bool x86, std::uint64_t limit) {
  QUELL_TRY(const auto properties, packed.u8(0));
  QUELL_TRY(const auto dictionary, packed.u32(1));
  QUELL_TRY(const auto size, packed.u64(lzma_size_at));
  if (size > limit) return too_large(packed, size, limit);
  lzma_options_lzma options{};
  // properties = (pb * 5 + lp) * 9 + lc
  options.lc = properties % 9U;
  options.lp = properties / 9U % 5U;
  options.pb = properties / 45U;
  if (properties >= 225 || options.lc + options.lp > LZMA_LCLP_MAX) return broken(packed, "its properties are none");
  if (dictionary > largest_dictionary) return too_large(packed, dictionary, largest_dictionary);
  // A dictionary larger than the content is never filled.
  options.dict_size = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(std::min<std::uint64_t>(dictionary, size), LZMA_DICT_SIZE_MIN, largest_dictionary));
  options.ext_size_low = static_cast<std::uint32_t>(size & 0xFFFFFFFFU);
  options.ext_size_high = static_cast<std::uint32_t>(size >> 32U);
  options.ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
  std::array<lzma_filter, 3> filters{};
  std::size_t count = 0;
  if (x86) filters.at(count++) = {LZMA_FILTER_X86, nullptr};
  filters.at(count++) = {LZMA_FILTER_LZMA1EXT, &options};
  filters.at(count) = {LZMA_VLI_UNKNOWN, nullptr};
  if (lzma_raw_decoder_memusage(filters.data()) > lzma_memory) return too_large(packed, dictionary, largest_dictionary);
  LzmaStream decoder;
  if (lzma_raw_decoder(&decoder.get(), filters.data()) != LZMA_OK) {
    return fail(Errc::io, "no memory for the decoder", packed.origin());
  }
  Unpacked out;
  out.bytes.resize(size);
  const Bytes stream = packed.bytes().subspan(lzma_header);
  lzma_stream& state = decoder.get();
  state.next_in = octets(stream);
  state.avail_in = stream.size();
  state.next_out = octets(std::span(out.bytes));
  state.avail_out = out.bytes.size();
  lzma_ret status = lzma_code(&state, LZMA_FINISH);
  // The last byte may be there before the decoder has seen the end of its stream.
  if (status == LZMA_OK && state.avail_out == 0) status = lzma_code(&state, LZMA_FINISH);
  out.consumed = packed.size() - state.avail_in;
  if (status == LZMA_STREAM_END && state.avail_out == 0) return out;
  return broken(packed, fmt::format("the LZMA stream breaks after {:#x} of {:#x} bytes", size - state.avail_out, size));
}

#ifdef QUELL_HAS_BROTLI
struct FreeBrotli {
  void operator()(BrotliDecoderState* state) const noexcept { BrotliDecoderDestroyInstance(state); }
};

Result<Unpacked> unpack_brotli(ByteView packed, std::uint64_t limit) {
  QUELL_TRY(const auto size, packed.u64(0));
  if (size > limit) return too_large(packed, size, limit);
  QUELL_TRY(const auto stream, packed.from(brotli_header));
  const std::unique_ptr<BrotliDecoderState, FreeBrotli> state(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr));
  if (!state) return fail(Errc::io, "no memory for the decoder", packed.origin());
  Unpacked out;
  out.bytes.resize(size);
  std::size_t in_left = stream.size();
  const std::uint8_t* in = octets(stream.bytes());
  std::size_t out_left = out.bytes.size();
  std::uint8_t* to = octets(std::span(out.bytes));
  const auto status = BrotliDecoderDecompressStream(state.get(), &in_left, &in, &out_left, &to, nullptr);
  out.consumed = packed.size() - in_left;
  if (status == BROTLI_DECODER_RESULT_SUCCESS && out_left == 0) return out;
  return broken(packed, fmt::format("the Brotli stream breaks after {:#x} of {:#x} bytes", size - out_left, size));
}
#else
Result<Unpacked> unpack_brotli(ByteView packed, std::uint64_t) {
  return fail(Errc::unsupported, "this program is built without Brotli", packed.origin());
}
#endif

// The size stands at the end only and is not trusted: the content grows with what is really unpacked.
Result<Unpacked> unpack_gzip(ByteView packed, std::uint64_t limit) {
  constexpr int gzip_window = 15 + 16;
  constexpr std::uint64_t step = 0x10000;
  z_stream state{};
  if (inflateInit2(&state, gzip_window) != Z_OK) return fail(Errc::io, "no memory for the decoder", packed.origin());
  const std::unique_ptr<z_stream, void (*)(z_stream*)> end(&state, [](z_stream* stream) { inflateEnd(stream); });
  Buffer input(packed.bytes().begin(), packed.bytes().end());  // zlib's interface has no const
  state.next_in = octets(std::span(input));
  state.avail_in = static_cast<uInt>(std::min<std::uint64_t>(input.size(), ~uInt{0}));
  Unpacked out;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::uint64_t have = out.bytes.size();
    if (have >= limit) return too_large(packed, have, limit);
    out.bytes.resize(std::min(limit, have + std::max(step, have)));
    const auto room = std::span(out.bytes).subspan(have);
    state.next_out = octets(room);
    state.avail_out = static_cast<uInt>(std::min<std::uint64_t>(room.size(), ~uInt{0}));
    status = inflate(&state, Z_NO_FLUSH);
    out.bytes.resize(out.bytes.size() - state.avail_out);
    if (status == Z_OK && out.bytes.size() == have) break;
  }
  if (status != Z_STREAM_END) return broken(packed, "the gzip stream is broken");
  out.consumed = state.total_in;
  return out;
}

}  // namespace

std::string_view to_string(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::none: return "none";
    case Encoding::lzma: return "LZMA";
    case Encoding::lzma_x86: return "LZMA, x86";
    case Encoding::efi11: return "EFI 1.1";
    case Encoding::tiano: return "Tiano";
    case Encoding::brotli: return "Brotli";
    case Encoding::gzip: return "gzip";
    case Encoding::crc32: return "CRC32";
    case Encoding::signed_contents: return "signed";
    case Encoding::unknown: return "unknown";
  }
  return "unknown";
}

Result<std::uint64_t> announced_size(Encoding encoding, ByteView packed) {
  switch (encoding) {
    case Encoding::lzma:
    case Encoding::lzma_x86: return packed.u64(lzma_size_at);
    case Encoding::brotli: return packed.u64(0);
    case Encoding::efi11:
    case Encoding::tiano: {
      QUELL_TRY(const auto size, packed.u32(4));
      return size;
    }
    default: return fail(Errc::unsupported, "it does not say how much it unpacks to", packed.origin());
  }
}

Result<Unpacked> unpack(Encoding encoding, ByteView packed, std::uint64_t limit) {
  switch (encoding) {
    case Encoding::lzma: return unpack_lzma(packed, false, limit);
    case Encoding::lzma_x86: return unpack_lzma(packed, true, limit);
    case Encoding::efi11: return unpack_standard(packed, false, limit);
    case Encoding::tiano: return unpack_standard(packed, true, limit);
    case Encoding::brotli: return unpack_brotli(packed, limit);
    case Encoding::gzip: return unpack_gzip(packed, limit);
    default: return fail(Errc::unsupported, "nothing is packed here", packed.origin());
  }
}

}  // namespace quell::uefi
