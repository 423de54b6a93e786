// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/intel_parts.h"

#include <algorithm>
#include <stdexcept>

#include "base/size.h"
#include "specimen/lzma.h"

namespace quell::specimen {

Buffer reversed(Bytes bytes) { return {bytes.rbegin(), bytes.rend()}; }

void append(Buffer& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

void append(Buffer& to, std::string_view text, std::uint64_t width) {
  append(to, as_bytes(text.substr(0, to_size(width))));
  to.resize(to_size(to.size() + width - std::min<std::uint64_t>(width, text.size())));
}

void append_u8(Buffer& to, std::uint64_t value) { to.push_back(static_cast<std::byte>(value)); }

void append_u16(Buffer& to, std::uint64_t value) {
  append_u8(to, value);
  append_u8(to, value >> 8U);
}

void append_u32(Buffer& to, std::uint64_t value) {
  append_u16(to, value);
  append_u16(to, value >> 16U);
}

Buffer intel_lzma(Bytes plain, bool extra_zeros) {
  constexpr std::ptrdiff_t header = 13;
  Buffer out = lzma_alone(
      plain, {.literal_context = 0, .literal_position = 1, .position = 1, .preset = 0, .dictionary = 0x4000});
  if (extra_zeros) out.insert(out.begin() + header, 3, std::byte{0});
  return out;
}

namespace {

// Layout of the header for a key of this many bytes.
struct ManifestLayout {
  std::uint64_t modulus = 0x80;
  std::uint64_t exponent, signature, header_size;
  explicit ManifestLayout(std::uint64_t key_bytes)
      : exponent(modulus + key_bytes), signature(exponent + 4), header_size(signature + key_bytes) {}
};

}  // namespace

Buffer unsigned_manifest(const ManifestSpec& spec, Bytes tail) {
  const ManifestLayout layout(spec.key_bits / 8);
  const std::uint64_t size = round_up(layout.header_size + tail.size(), 4);
  Canvas canvas(size, std::byte{0});
  canvas.u32(0x00, 4)
      .u32(0x04, static_cast<std::uint32_t>(layout.header_size / 4))
      .u32(0x08, spec.key_bits == 2048 ? 0x00010000 : 0x00021000)
      .u32(0x0C, spec.flags)
      .u32(0x10, 0x8086)
      .u32(0x14, spec.date)
      .u32(0x18, static_cast<std::uint32_t>(size / 4))
      .text(0x1C, spec.tag)
      .u32(0x20, spec.module_count);
  for (std::size_t i = 0; i < 4; ++i) canvas.u16(0x24 + 2 * i, spec.version.at(i));
  canvas.u32(0x2C, spec.security_version).u32(0x78, spec.key_bits / 32).u32(0x7C, 1).put(layout.header_size, tail);
  return std::move(canvas).take();
}

void sign_manifest(Buffer& manifest, const ManifestSpec& spec) {
  const ManifestLayout layout(spec.key_bits / 8);
  const TestKey key = TestKey::of_bits(spec.key_bits, spec.exponent);
  const Bytes all(manifest);
  const Bytes head = all.first(to_size(layout.modulus));
  const Bytes rest = all.subspan(to_size(layout.header_size));
  Buffer signature;
  if (spec.key_bits >= 3072) {
    signature = key.sign_pss(HashAlgorithm::sha384, hash(HashAlgorithm::sha384, head, rest), 48, ByteOrder::little);
  } else {
    const auto algorithm = spec.tag == "$MAN" ? HashAlgorithm::sha1 : HashAlgorithm::sha256;
    signature = key.sign_pkcs1(algorithm, hash(algorithm, head, rest), ByteOrder::little);
  }
  Buffer block = key.modulus(ByteOrder::little);
  append_u32(block, key.exponent());
  append(block, signature);
  std::ranges::copy(block, manifest.begin() + static_cast<std::ptrdiff_t>(layout.modulus));
}

void put_fpt(Canvas& canvas, std::uint64_t at, const FptSpec& spec, const std::vector<FptRow>& rows) {
  Buffer table;
  append(table, "$FPT", 4);
  append_u32(table, rows.size());
  append_u8(table, spec.version);
  append_u8(table, 0x10);
  append_u8(table, spec.header_length);
  append_u8(table, 0);
  append_u16(table, 7);    // ticks to add
  append_u16(table, 100);  // tokens to add
  append_u32(table, spec.version == 0x21 ? 0 : 1);
  append_u32(table, spec.version == 0x21 ? 0 : spec.flags);
  for (const std::uint16_t part : spec.tool_version) append_u16(table, part);
  for (const FptRow& row : rows) {
    append(table, row.name, 4);
    append(table, row.owner.empty() ? std::string_view("\xFF\xFF\xFF\xFF", 4) : row.owner, 4);
    append_u32(table, row.offset);
    append_u32(table, row.size);
    for (const std::uint32_t token : row.tokens) append_u32(table, token);
    append_u32(table, row.flags);
  }
  canvas.put(at, table);
  if (spec.version == 0x21) {
    canvas.u32(at + 0x14, crc32(table));
    return;
  }
  const std::uint64_t from = spec.header_length == 0x30 ? at - 0x10 : at;
  std::uint8_t sum = 0;
  for (const std::byte byte : Bytes(canvas.bytes()).subspan(to_size(from), to_size(at + 0x20 - from))) {
    sum = static_cast<std::uint8_t>(sum + std::to_integer<std::uint8_t>(byte));
  }
  canvas.u8(at + 0x0B, static_cast<std::uint8_t>(0x100 - sum));
}

}  // namespace quell::specimen
