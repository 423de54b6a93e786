// SPDX-License-Identifier: GPL-2.0-or-later
// Key and signature structure:
//   0x00 u8 version 0x10   0x01 u16 key algorithm   0x03 u8 key version   0x04 u16 key bits   0x06 u32 exponent
//   0x0A modulus (little-endian), then u16 scheme, u8 version, u16 signature bits, u16 hash algorithm, signature
// Every public vector that verifies holds a big-endian signature beside a little-endian modulus; vendors' tools may
// differ, so both orders are tried.
#include "intel/bootguard/manifest_signature.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/rsa.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t modulus_offset = 0x0A;
constexpr std::uint64_t signature_header = 7;
constexpr std::uint16_t pkcs1 = 0x14;
constexpr std::uint16_t pss = 0x16;

constexpr std::array<std::pair<std::uint16_t, std::string_view>, 12> names{{
    {0x0001, "RSA"},
    {0x0004, "SHA1"},
    {0x000B, "SHA256"},
    {0x000C, "SHA384"},
    {0x000D, "SHA512"},
    {0x0010, "none"},
    {0x0012, "SM3"},
    {0x0014, "RSASSA-PKCS1-v1_5"},
    {0x0016, "RSASSA-PSS"},
    {0x0018, "ECDSA"},
    {0x001B, "SM2"},
    {0x0023, "ECC"},
}};

Buffer reversed(Bytes bytes) { return {bytes.rbegin(), bytes.rend()}; }

bool verifies(const ManifestSignature& s, const Buffer& modulus, HashAlgorithm algorithm, Bytes digest,
              Bytes signature) {
  const RsaPublicKey key{modulus, s.exponent, ByteOrder::big};
  return s.scheme == pss ? verify_pss(key, algorithm, digest, signature)
                         : verify_pkcs1(key, algorithm, digest, signature);
}

void verify(ManifestSignature& s, Bytes content) {
  const auto algorithm = hash_of(s.hash);
  if (!algorithm || (s.scheme != pkcs1 && s.scheme != pss)) return;
  const Buffer digest = hash(*algorithm, content);
  const Buffer modulus = reversed(s.modulus);
  s.state = SignatureVerdict::valid;
  if (verifies(s, modulus, *algorithm, digest, s.signature)) return;
  s.big_endian = false;
  if (verifies(s, modulus, *algorithm, digest, reversed(s.signature))) return;
  s.big_endian = true;
  s.state = SignatureVerdict::invalid;
}

}  // namespace

std::string tcg_name(std::uint16_t algorithm) {
  const auto found = std::ranges::find(names, algorithm, &std::pair<std::uint16_t, std::string_view>::first);
  return found == names.end() ? fmt::format("{:#06x}", algorithm) : std::string(found->second);
}

std::optional<HashAlgorithm> hash_of(std::uint16_t tcg_algorithm) noexcept {
  switch (tcg_algorithm) {
    case 0x0004: return HashAlgorithm::sha1;
    case 0x000B: return HashAlgorithm::sha256;
    case 0x000C: return HashAlgorithm::sha384;
    case 0x000D: return HashAlgorithm::sha512;
    default: return std::nullopt;
  }
}

Result<TcgHash> read_hash(ByteView view, std::uint64_t& offset, std::optional<std::uint64_t> fixed) {
  TcgHash out;
  Fields f(view, "hash");
  out.algorithm = f.u16(offset);
  const std::uint64_t length = f.u16(offset + 2);
  const std::uint64_t width = fixed.value_or(length);
  // The 1.0 structure always has room for 32 bytes; a shorter length uses a part of it.
  out.digest = f.sub(offset + 4, std::min(length, width)).bytes();
  f.sub(offset + 4, width);
  QUELL_CHECK(f.done());
  offset += 4 + width;
  return out;
}

Result<ManifestSignature> read_signature(ByteView manifest, std::uint64_t offset, std::uint64_t signed_size) {
  ManifestSignature s;
  s.offset = offset;
  s.signed_size = signed_size;
  QUELL_TRY(const auto view, manifest.from(offset));
  QUELL_TRY(const auto content, manifest.sub(0, signed_size));
  Fields f(view, "key and signature");
  s.key_bits = f.u16(4);
  s.exponent = f.u32(6);
  const std::uint64_t key_size = s.key_bits / 8U;
  s.modulus = f.sub(modulus_offset, key_size).bytes();
  const std::uint64_t at = modulus_offset + key_size;
  s.scheme = f.u16(at);
  const std::uint64_t signature_size = f.u16(at + 3) / 8U;
  s.hash = f.u16(at + 5);
  s.signature = f.sub(at + signature_header, signature_size).bytes();
  QUELL_CHECK(f.done());
  verify(s, content.bytes());
  return s;
}

std::uint64_t size_of(const ManifestSignature& s) noexcept {
  return modulus_offset + s.modulus.size() + signature_header + s.signature.size();
}

void describe_signature(const ManifestSignature& s, Component& into) {
  Attributes& a = into.attributes;
  a.set("signature", std::string(to_string(s.state)));
  Check check = signature_check(s.state, "manifest signature", {into.range.offset, s.signed_size},
                                s.state == SignatureVerdict::not_checked ? "its algorithm is not known" : "");
  check.algorithm = fmt::format("{} {}", tcg_name(s.scheme), tcg_name(s.hash));
  into.checks.push_back(std::move(check));
  a.set("signature_scheme", tcg_name(s.scheme));
  a.set("signature_hash", tcg_name(s.hash));
  a.set("signature_byte_order", std::string(s.big_endian ? "big-endian" : "little-endian"));
  a.set("modulus_byte_order", std::string("little-endian"));
  a.set("signed_size", s.signed_size);
  a.set("key_signature_offset", s.offset);
  a.set("key_bits", std::uint64_t{s.key_bits});
  a.set("key_exponent", std::uint64_t{s.exponent});
  // What the fuses hold: the digest of modulus and exponent; Skylake and Kaby Lake take the modulus alone.
  const std::array<std::byte, 4> exponent{static_cast<std::byte>(s.exponent), static_cast<std::byte>(s.exponent >> 8U),
                                          static_cast<std::byte>(s.exponent >> 16U),
                                          static_cast<std::byte>(s.exponent >> 24U)};
  a.set("key_sha256_modulus", to_hex(hash(HashAlgorithm::sha256, s.modulus)));
  a.set("key_sha256_modulus_exponent", to_hex(hash(HashAlgorithm::sha256, s.modulus, exponent)));
  a.set("key_sha384_modulus", to_hex(hash(HashAlgorithm::sha384, s.modulus)));
  a.set("key_sha384_modulus_exponent", to_hex(hash(HashAlgorithm::sha384, s.modulus, exponent)));
}

}  // namespace quell::intel
