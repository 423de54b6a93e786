// SPDX-License-Identifier: GPL-2.0-or-later
#include <zlib.h>

#include "base/octets.h"
#include "quell/digest.h"
#include "specimen/der.h"
#include "specimen/other.h"
#include "specimen/signing.h"

namespace quell::specimen {
namespace {

Buffer text(std::string_view value) { return der(0x16, as_bytes(value)); }

// A value under the private tag of its name.
Buffer property(std::string_view name, const Buffer& value) {
  std::uint32_t code = 0;
  for (const char c : name) code = code << 8U | static_cast<unsigned char>(c);
  // Class private, constructed, high tag number; then the code in base 128.
  Buffer out{std::byte{0xFF}};
  for (unsigned shift = 28; shift > 0; shift -= 7)
    out.push_back(static_cast<std::byte>(0x80U | (code >> shift & 0x7FU)));
  out.push_back(static_cast<std::byte>(code & 0x7FU));
  const Buffer element = der(0x30, der(0x30, joined({text(name), value})));
  out.insert(out.end(), element.begin() + 1, element.end());
  return out;
}

// LZSS with literals alone.
Buffer lzss(std::string_view content) {
  Buffer packed;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (i % 8 == 0) packed.push_back(std::byte{0xFF});
    packed.push_back(static_cast<std::byte>(content[i]));
  }
  Canvas canvas(0x180 + packed.size(), std::byte{0});
  const Bytes bytes = as_bytes(content);
  const auto sum = ::adler32_z(1, octets(bytes), bytes.size());
  canvas.text(0, "complzss").u32(8, __builtin_bswap32(static_cast<std::uint32_t>(sum)));
  canvas.u32(12, __builtin_bswap32(static_cast<std::uint32_t>(content.size())));
  canvas.u32(16, __builtin_bswap32(static_cast<std::uint32_t>(packed.size()))).u32(20, __builtin_bswap32(1));
  return std::move(canvas.put(0x180, packed)).take();
}

}  // namespace

Buffer image4() {
  const Buffer payload = der(0x30, joined({text("IM4P"), text("krnl"), text("KernelCache-1.0"),
                                           der(0x04, lzss("a kernel cache that holds nothing at all"))}));
  const Buffer digest = hash(HashAlgorithm::sha384, payload);
  const Buffer device = property("MANP", der(0x31, property("CHIP", der(0x02, from_hex("008015")))));
  const Buffer entry = property("krnl", der(0x31, property("DGST", der(0x04, digest))));
  const Buffer set = der(0x31, property("MANB", der(0x31, joined({device, entry}))));
  const TestKey key = TestKey::of_bits(4096);
  const Buffer signature = key.sign_pkcs1(HashAlgorithm::sha384, hash(HashAlgorithm::sha384, set), ByteOrder::big);
  const Buffer manifest = der(0x30, joined({text("IM4M"), der(0x02, from_hex("00")), set, der(0x04, signature),
                                            der(0x30, certificate(key, {}))}));
  return der(0x30, joined({text("IMG4"), payload, der(0xA0, manifest)}));
}

Buffer uimage() {
  constexpr std::uint64_t header = 0x40;
  constexpr std::string_view content = "a kernel of no machine at all, in the clear";
  Canvas canvas(header + content.size(), std::byte{0});
  const auto big = [&canvas](std::uint64_t at, std::uint32_t value) { canvas.u32(at, __builtin_bswap32(value)); };
  const auto sum = [](Bytes bytes) { return static_cast<std::uint32_t>(::crc32_z(0, octets(bytes), bytes.size())); };
  big(0, 0x27051956);
  big(0x08, 1700000000);
  big(0x0C, static_cast<std::uint32_t>(content.size()));
  big(0x18, sum(as_bytes(content)));
  canvas.u8(0x1C, 5).u8(0x1D, 22).u8(0x1E, 2).u8(0x1F, 0).text(0x20, "specimen").text(header, content);
  big(0x04, sum(Bytes(canvas.bytes()).first(header)));
  return std::move(canvas).take();
}

}  // namespace quell::specimen
