// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "amd/payload.h"

namespace quell::amd {
namespace {

constexpr std::uint32_t largest_signed_size = 32U << 20U;

std::uint64_t round_up_16(std::uint64_t size) { return (size + 15) / 16 * 16; }

template <std::size_t N>
std::array<std::byte, N> take(Fields& fields, std::uint64_t offset) {
  std::array<std::byte, N> out{};
  std::ranges::copy(fields.sub(offset, N).bytes(), out.begin());
  return out;
}

unsigned octet(std::uint32_t value, unsigned index) { return (value >> (8 * index)) & 0xFFU; }

}  // namespace

// PSP header: +0x10 magic, +0x14 signed size, +0x18 encrypted, +0x30 signed, +0x34 algorithm, +0x38 key ID,
// +0x48 compressed, +0x4C security patch level, +0x50 and +0x54 sizes, +0x58 firmware ID, +0x5A flags, +0x60 version,
// +0x68 load address, +0x6C total size, +0x7C type.
std::optional<PspHeader> read_psp_header(ByteView bytes) {
  Fields fields(bytes, "PSP header");
  PspHeader header;
  header.magic = take<4>(fields, 0x10);
  header.size_signed = fields.u32(0x14);
  header.encrypted = fields.u32(0x18) == 1;
  const std::uint32_t is_signed = fields.u32(0x30);
  header.is_signed = is_signed == 1;
  header.algorithm = fields.u32(0x34);
  header.key_id = take<16>(fields, 0x38);
  const std::uint32_t compressed = fields.u32(0x48);
  header.compressed = compressed == 1;
  header.security_patch_level = fields.u32(0x4C);
  header.uncompressed_size = fields.u32(0x50);
  header.compressed_size = fields.u32(0x54);
  header.fw_id = fields.u16(0x58);
  header.flags = fields.u16(0x5A);
  header.version = fields.u32(0x60);
  header.load_address = fields.u32(0x68);
  header.total_size = fields.u32(0x6C);
  header.type = fields.u8(0x7C);
  fields.u8(psp_header_size - 1);
  const bool plausible = is_signed <= 1 && compressed <= 1 && (header.algorithm == 0 || header.algorithm == 2) &&
                         header.size_signed < largest_signed_size;
  if (!plausible || !fields.done().has_value()) return std::nullopt;
  return header;
}

std::uint64_t PspHeader::stored_payload_size() const noexcept {
  if (compressed && compressed_size != 0) return round_up_16(compressed_size);
  return encrypted ? round_up_16(size_signed) : size_signed;
}

std::uint64_t PspHeader::plain_size() const noexcept {
  if (!compressed) return size_signed;
  return uncompressed_size != 0 ? uncompressed_size : size_signed;
}

std::string PspHeader::magic_text() const {
  const bool text = std::ranges::all_of(magic, [](std::byte c) { return c >= std::byte{0x20} && c < std::byte{0x7F}; });
  if (!text) return to_hex(magic);
  std::string out;
  for (const std::byte c : magic) out.push_back(static_cast<char>(c));
  return out;
}

std::string version_hex(std::uint32_t version) {
  return fmt::format("{:02X}.{:02X}.{:02X}.{:02X}", octet(version, 3), octet(version, 2), octet(version, 1),
                     octet(version, 0));
}

std::string version_decimal(std::uint32_t version) {
  return fmt::format("{}.{}.{}.{}", octet(version, 3), octet(version, 2), octet(version, 1), octet(version, 0));
}

// Key token: +0x00 version, +0x04 key ID, +0x14 certifying ID, +0x24 usage, +0x28 platform binding, +0x38 and +0x3C
// exponent and modulus size in bits, +0x40 exponent, modulus, signature, all little-endian.
std::optional<KeyToken> read_key_token(ByteView bytes) {
  Fields fields(bytes, "key token");
  KeyToken token;
  token.version = fields.u32(0x00);
  token.id = take<16>(fields, 0x04);
  token.certifying_id = take<16>(fields, 0x14);
  token.usage = fields.u32(0x24);
  token.platform = take<16>(fields, 0x28);
  token.bits = fields.u32(0x38);
  const bool known = (token.version == 1 || token.version == 2) && (token.bits == 2048 || token.bits == 4096) &&
                     fields.u32(0x3C) == token.bits && fields.u32(0x40) == 65537;
  if (!known || !fields.done().has_value() || !bytes.has(0, token.body_size())) return std::nullopt;
  const ByteView exponent = bytes.clip({0x44, token.bits / 8 - 4});
  return exponent.filled_with(std::byte{0}) ? std::optional(token) : std::nullopt;
}

std::string_view to_string(Trust trust) noexcept {
  switch (trust) {
    case Trust::unknown: return "unknown";
    case Trust::chained: return "chained";
    case Trust::root: return "root";
  }
  return "";
}

std::string_view to_string(KeyForm form) noexcept {
  switch (form) {
    case KeyForm::token: return "token";
    case KeyForm::database: return "kdb";
    case KeyForm::inlined: return "inline";
  }
  return "";
}

std::string_view to_string(SignatureResult result) noexcept {
  switch (result) {
    case SignatureResult::none: return "none";
    case SignatureResult::valid: return "valid";
    case SignatureResult::invalid: return "invalid";
    case SignatureResult::unknown: return "unknown";
  }
  return "";
}

std::uint32_t SplTable::highest() const noexcept {
  std::uint32_t highest = 0;
  for (const SplRecord& record : records) highest = std::max(highest, record.minimum);
  return highest;
}

std::string Microcode::date_text() const {
  return fmt::format("{:04x}-{:02x}-{:02x}", date & 0xFFFFU, octet(date, 3), octet(date, 2));
}

}  // namespace quell::amd
