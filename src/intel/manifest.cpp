// SPDX-License-Identifier: GPL-2.0-or-later
// Header (offsets in hexadecimal):
//   00 type, 02 subtype   04 header length in dwords   08 header version   0C flags   10 vendor   14 date (BCD d, m, y)
//   18 manifest size in dwords   1C `$MAN`/`$MN2`   20 modules   24 version 4 x 16   2C security version
//   78 key size in dwords   7C exponent size in dwords   80 modulus   then exponent (4), signature (as long as the
//   modulus)
#include "intel/manifest.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/rsa.h"
#include "base/size.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t key_offset = 0x80;
constexpr std::uint64_t rsa_2048 = 0x100;
constexpr std::uint64_t rsa_3072 = 0x180;
constexpr std::uint64_t rsa_4096 = 0x200;

bool blank(Bytes bytes) {
  return ByteView(bytes).filled_with(std::byte{0}) || ByteView(bytes).filled_with(std::byte{0xFF});
}

}  // namespace

std::string to_string(const Version& version) {
  return fmt::format("{}.{}.{}.{}", version.major, version.minor, version.hotfix, version.build);
}

std::string Manifest::date_text() const {
  return fmt::format("{:04x}-{:02x}-{:02x}", date >> 16U, date >> 8U & 0xFFU, date & 0xFFU);
}

bool looks_like_manifest(ByteView at) noexcept {
  return at.matches(Manifest::tag_offset, "$MN2") || at.matches(Manifest::tag_offset, "$MAN");
}

Result<Manifest> parse_manifest(ByteView at) {
  if (!looks_like_manifest(at)) return fail(Errc::unrecognised, "no $MAN or $MN2 manifest here", at.origin());
  Manifest m;
  Fields f(at, "manifest header");
  m.type = f.u16(0x00);
  m.subtype = f.u16(0x02);
  m.header_size = std::uint64_t{f.u32(0x04)} * 4;
  m.header_version = f.u32(0x08);
  m.flags = f.u32(0x0C);
  m.vendor = f.u32(0x10);
  m.date = f.u32(0x14);
  m.size = std::uint64_t{f.u32(0x18)} * 4;
  m.is_man = at.matches(Manifest::tag_offset, "$MAN");
  m.module_count = f.u32(0x20);
  m.version = {f.u16(0x24), f.u16(0x26), f.u16(0x28), f.u16(0x2A)};
  m.security_version = f.u32(0x2C);
  m.key_size = std::uint64_t{f.u32(0x78)} * 4;
  QUELL_CHECK(f.done());
  if (m.key_size != rsa_2048 && m.key_size != rsa_3072 && m.key_size != rsa_4096) {
    return fail(Errc::damaged, fmt::format("manifest header: a key of {} bits is of no known kind", m.key_size * 8),
                at.origin() + 0x78);
  }
  m.modulus = f.sub(key_offset, m.key_size).bytes();
  m.exponent = f.u32(key_offset + m.key_size);
  m.signature = f.sub(key_offset + m.key_size + 4, m.key_size).bytes();
  QUELL_CHECK(f.done());
  m.bytes = at.clip({0, m.size});
  return m;
}

std::string_view to_string(SignatureState state) noexcept {
  switch (state) {
    case SignatureState::valid: return "valid";
    case SignatureState::invalid: return "invalid";
    case SignatureState::empty: return "empty";
    case SignatureState::unverified: return "not verified";
  }
  return "unknown";
}

SignatureState verify_signature(const Manifest& manifest) {
  if (blank(manifest.modulus) && blank(manifest.signature)) return SignatureState::empty;
  const bool whole = manifest.bytes.size() == manifest.size && manifest.header_size <= manifest.size &&
                     manifest.header_size >= key_offset && manifest.size >= key_offset;
  if (!whole) return SignatureState::invalid;
  const Bytes head = manifest.bytes.bytes().first(key_offset);
  const Bytes rest = manifest.bytes.bytes().subspan(to_size(manifest.header_size));
  const RsaPublicKey key{manifest.modulus, manifest.exponent, ByteOrder::little};
  bool valid = false;
  if (manifest.key_size >= rsa_3072) {
    valid = verify_pss(key, HashAlgorithm::sha384, hash(HashAlgorithm::sha384, head, rest), manifest.signature);
  } else {
    const auto algorithm = manifest.is_man ? HashAlgorithm::sha1 : HashAlgorithm::sha256;
    valid = verify_pkcs1(key, algorithm, hash(algorithm, head, rest), manifest.signature);
  }
  if (valid) return SignatureState::valid;
  // No image with such a key could be had: what does not verify may be signed in another way.
  return manifest.key_size == rsa_4096 ? SignatureState::unverified : SignatureState::invalid;
}

SignatureState Signatures::of(const Manifest& manifest) const {
  const Place place{manifest.bytes.bytes().data(), manifest.bytes.size()};
  const auto known = known_->find(place);
  return known != known_->end() ? known->second : known_->emplace(place, verify_signature(manifest)).first->second;
}

}  // namespace quell::intel
