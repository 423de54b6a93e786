// SPDX-License-Identifier: GPL-2.0-or-later
#include <initializer_list>

#include <zlib.h>

#include "quell/digest.h"
#include "quell/specimen/other.h"

namespace quell::specimen {
namespace {

void append(Buffer& to, Bytes from) { to.insert(to.end(), from.begin(), from.end()); }

Buffer joined(std::initializer_list<Buffer> parts) {
  Buffer out;
  for (const Buffer& part : parts) append(out, part);
  return out;
}

// One DER element; lengths up to 64 KiB.
Buffer der(std::uint8_t tag, Bytes content) {
  Buffer out{static_cast<std::byte>(tag)};
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::byte>(content.size()));
  } else {
    out.push_back(std::byte{0x82});
    out.push_back(static_cast<std::byte>(content.size() >> 8U));
    out.push_back(static_cast<std::byte>(content.size()));
  }
  append(out, content);
  return out;
}

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
  const auto sum =
      ::adler32_z(1, static_cast<const unsigned char*>(static_cast<const void*>(bytes.data())), bytes.size());
  canvas.text(0, "complzss").u32(8, __builtin_bswap32(static_cast<std::uint32_t>(sum)));
  canvas.u32(12, __builtin_bswap32(static_cast<std::uint32_t>(content.size())));
  canvas.u32(16, __builtin_bswap32(static_cast<std::uint32_t>(packed.size()))).u32(20, __builtin_bswap32(1));
  return std::move(canvas.put(0x180, packed)).take();
}

}  // namespace

Buffer fip_package() {
  constexpr std::uint64_t monitor = 0x100;
  constexpr std::uint64_t optee = 0x400;
  constexpr std::uint64_t pager = 0x440;
  constexpr std::uint64_t end = 0x540;
  Canvas canvas(end, std::byte{0});
  canvas.u32(0, 0xAA640001).u32(4, 0x12345678);
  const auto entry = [&canvas](unsigned index, std::string_view uuid, std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t at = 0x10 + std::uint64_t{40} * index;
    canvas.put(at, from_hex(uuid)).u64(at + 16, offset).u64(at + 24, size);
  };
  entry(0, "47d4086d4cfe98469b952950cbbd5a00", monitor, 0x300);
  entry(1, "05d0e18953dc13478d2b500a4b7a3e38", optee, 28);
  entry(2, "0b70c29b2a5a78409f650a5682738288", pager, 0x100);
  entry(3, "00000000000000000000000000000000", end, 0);
  canvas.text(monitor, "v2.9(release):v2.9.0").text(monitor + 0x40, "Built : 10:00:00, Jan  1 2024");
  canvas.text(monitor + 0x80, "opteed_fast");
  canvas.text(optee, "OPTE").u8(optee + 4, 2).u8(optee + 5, 1).u32(optee + 8, 1);
  canvas.u32(optee + 12, 0).u32(optee + 16, 0x0E100000).u32(optee + 20, 0).u32(optee + 24, 0x100);
  return std::move(canvas).take();
}

Buffer image4() {
  const Buffer payload = der(0x30, joined({text("IM4P"), text("krnl"), text("KernelCache-1.0"),
                                           der(0x04, lzss("a kernel cache that holds nothing at all"))}));
  const Buffer digest = hash(HashAlgorithm::sha384, payload);
  const Buffer device = property("MANP", der(0x31, property("CHIP", der(0x02, from_hex("008015")))));
  const Buffer entry = property("krnl", der(0x31, property("DGST", der(0x04, digest))));
  const Buffer set = der(0x31, property("MANB", der(0x31, joined({device, entry}))));
  const Buffer manifest = der(0x30, joined({text("IM4M"), der(0x02, from_hex("00")), set,
                                            der(0x04, Buffer(512, std::byte{0x5A})), der(0x30, {})}));
  return der(0x30, joined({text("IMG4"), payload, der(0xA0, manifest)}));
}

}  // namespace quell::specimen
