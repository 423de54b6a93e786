// SPDX-License-Identifier: GPL-2.0-or-later
// LZFSE streams are blocks: "bvx2" and "bvx1" LZFSE, "bvxn" LZVN, "bvx-" {u32 size, bytes} stored, "bvx$" end.
// "complzss", big-endian: u32 Adler-32 of the result, u32 uncompressed size, u32 compressed size, u32 1; data from
// 0x180: LZSS with a window of 4096 filled with spaces, longest match 18, threshold 2.
#include <array>

#include <fmt/format.h>
#include <zlib.h>

#include "base/octets.h"

#include "apple/image4.h"

namespace quell::apple {
namespace {

constexpr std::uint64_t lzss_data = 0x180;
constexpr std::size_t window = 4096;
constexpr unsigned longest_match = 18;
constexpr unsigned threshold = 2;
// A flag byte and eight 2-byte matches of 18 bytes: nothing gives more than this for a byte of input.
constexpr std::uint64_t most_growth = 9;

Buffer decode_lzss(ByteView packed, std::uint64_t size) {
  Buffer out;
  std::array<std::byte, window> ring{};
  ring.fill(std::byte{' '});
  std::size_t write = window - longest_match;
  const auto put = [&](std::byte byte) {
    out.push_back(byte);
    ring.at(write) = byte;
    write = (write + 1) % window;
  };
  std::uint64_t at = 0;
  unsigned flags = 0;
  while (at < packed.size() && out.size() < size) {
    flags >>= 1U;
    if ((flags & 0x100U) == 0) flags = packed.u8(at++).value_or(0) | 0xFF00U;
    if ((flags & 1U) != 0) {
      put(static_cast<std::byte>(packed.u8(at++).value_or(0)));
      continue;
    }
    const unsigned low = packed.u8(at++).value_or(0);
    const unsigned high = packed.u8(at++).value_or(0);
    const std::size_t from = low | (high & 0xF0U) << 4U;
    for (unsigned i = 0; i <= (high & 0x0FU) + threshold && out.size() < size; ++i) put(ring.at((from + i) % window));
  }
  return out;
}

Result<Buffer> unpack_lzss(ByteView payload) {
  Fields f(payload, "LZSS header");
  f.sub(0, lzss_data);
  QUELL_CHECK(f.done());
  const std::uint32_t checksum = payload.be32(8).value_or(0);
  const std::uint64_t size = payload.be32(12).value_or(0);
  const std::uint64_t packed = payload.be32(16).value_or(0);
  QUELL_TRY(const auto data, payload.sub(lzss_data, packed));
  if (size > packed * most_growth) return fail(Errc::damaged, "the uncompressed size is impossible", payload.origin());
  Buffer out = decode_lzss(data, size);
  if (out.size() != size || ::adler32_z(1, octets(Bytes(out)), out.size()) != checksum) {
    return fail(Errc::damaged, "the LZSS payload does not match its Adler-32", payload.origin());
  }
  return out;
}

Result<Buffer> unpack_stored(ByteView payload) {
  Buffer out;
  std::uint64_t at = 0;
  while (payload.matches(at, "bvx-")) {
    QUELL_TRY(const auto size, payload.u32(at + 4));
    QUELL_TRY(const auto part, payload.sub(at + 8, size));
    out.insert(out.end(), part.bytes().begin(), part.bytes().end());
    at += 8 + std::uint64_t{size};
  }
  if (payload.matches(at, "bvx$")) return out;
  return fail(Errc::unsupported, "LZFSE blocks are not unpacked by this program; use lzfse -decode",
              payload.origin() + at);
}

}  // namespace

std::string_view compression_of(ByteView payload) noexcept {
  if (payload.matches(0, "bvx2") || payload.matches(0, "bvx1")) return "LZFSE";
  if (payload.matches(0, "bvxn")) return "LZVN";
  if (payload.matches(0, "bvx-")) return "stored in an LZFSE block";
  return payload.matches(0, "complzss") ? "LZSS" : "";
}

Result<Buffer> unpack(const Im4p& payload) {
  if (payload.encrypted()) return fail(Errc::unsupported, "the payload is encrypted; only the chip can read it");
  if (payload.payload.matches(0, "complzss")) return unpack_lzss(payload.payload);
  if (payload.payload.matches(0, "bvx-")) return unpack_stored(payload.payload);
  return fail(Errc::unsupported, "no compression that this program unpacks", payload.payload.origin());
}

}  // namespace quell::apple
