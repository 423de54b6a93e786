// SPDX-License-Identifier: GPL-2.0-or-later
// Boot Guard 1.0: "__KEYM__", 0x08 u8 version 0x10, 0x09 u8 KM version, 0x0A u8 SVN, 0x0B u8 id, 0x0C hash structure
// with 32 bytes, 0x30 key and signature.
// CBnT: "__KEYM__", 0x08 u8 version 0x21, 0x0C u16 offset of key and signature, 0x11 u8 revision, 0x12 u8 SVN,
// 0x13 u8 id, 0x14 u16 fuse hash algorithm, 0x16 u16 count, then {u64 usage, hash structure} each.
// Source: fiano pkg/intel/metadata/cbnt/keymanifest.
#include <array>

#include <fmt/format.h>

#include "intel/boot_manifests.h"
#include "intel/bootguard/manifest_signature.h"
#include "model/judged.h"

namespace quell::intel {
namespace {

constexpr std::uint8_t first_cbnt_version = 0x20;
constexpr std::uint64_t largest = 0x10000;  // offsets are 16 bits wide

Result<void> read_v1(KeyManifest& km, ByteView view) {
  Fields f(view, "key manifest");
  km.km_version = f.u8(0x09);
  km.svn = f.u8(0x0A);
  km.id = f.u8(0x0B);
  QUELL_CHECK(f.done());
  std::uint64_t offset = 0x0C;
  QUELL_TRY(const auto hash, read_hash(view, offset, 32));
  km.hashes.push_back({1, hash});
  QUELL_TRY(km.signature, read_signature(view, offset, offset));
  return {};
}

Result<void> read_cbnt(KeyManifest& km, ByteView view) {
  Fields f(view, "key manifest");
  const std::uint64_t signature_offset = f.u16(0x0C);
  km.revision = f.u8(0x11);
  km.svn = f.u8(0x12);
  km.id = f.u8(0x13);
  km.fuse_hash_algorithm = f.u16(0x14);
  const std::uint64_t count = f.u16(0x16);
  QUELL_CHECK(f.done());
  QUELL_TRY(const auto head, view.sub(0, signature_offset));
  std::uint64_t offset = 0x18;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto usage = head.u64(offset);
    std::uint64_t next = offset + 8;
    const auto hash = read_hash(head, next, std::nullopt);
    if (!usage || !hash) {
      return fail(Errc::damaged,
                  fmt::format("the key manifest announces {} key hashes, which do not fit in front of the signature "
                              "offset {:#x}",
                              count, signature_offset),
                  view.origin() + 0x16);
    }
    km.hashes.push_back({*usage, *hash});
    offset = next;
  }
  QUELL_TRY(km.signature, read_signature(view, signature_offset, signature_offset));
  return {};
}

// The usage of a key hash in words.
std::string usage_name(std::uint64_t usage) {
  constexpr std::array<std::string_view, 4> names{"BPM signing key", "FIT patch manifest key", "ACM manifest key",
                                                  "SDEV key"};
  std::string out;
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    if ((usage >> bit & 1U) == 0) continue;
    if (!out.empty()) out += ", ";
    out += names.at(bit);
  }
  return out.empty() ? "reserved" : out;
}

}  // namespace

bool looks_like_key_manifest(ByteView view) noexcept {
  const auto version = view.u8(8);
  return view.matches(0, "__KEYM__") && version && (*version >> 4U == 1 || *version >> 4U == 2);
}

Result<KeyManifest> parse_key_manifest(ByteView view) {
  if (!looks_like_key_manifest(view)) return fail(Errc::unrecognised, "no key manifest", view.origin());
  const ByteView bounded = view.clip({0, largest});
  KeyManifest km;
  QUELL_TRY(km.version, bounded.u8(8));
  km.cbnt = km.version >= first_cbnt_version;
  QUELL_CHECK(km.cbnt ? read_cbnt(km, bounded) : read_v1(km, bounded));
  km.range = {view.origin(), km.signature.offset + size_of(km.signature)};
  return km;
}

std::optional<bool> names_key_of(const KeyManifest& manifest, const BootPolicy& policy) {
  if (!policy.signature) return std::nullopt;
  for (const KeyManifestHash& entry : manifest.hashes) {
    if ((entry.usage & 1U) == 0) continue;
    const auto algorithm = hash_of(entry.hash.algorithm);
    if (!algorithm) return std::nullopt;
    return equal(hash(*algorithm, policy.signature->modulus), entry.hash.digest);
  }
  return std::nullopt;
}

Component describe(const KeyManifest& km, std::optional<bool> key_matches) {
  Component out{"key-manifest", "Key Manifest", km.range};
  Attributes& a = out.attributes;
  a.set("structure_version", std::uint64_t{km.version}, Show::hex);
  a.set("family", std::string(km.cbnt ? "CBnT" : "Boot Guard 1.0"));
  a.set("km_svn", std::uint64_t{km.svn});
  a.set("km_id", std::uint64_t{km.id});
  if (km.cbnt) {
    a.set("revision", std::uint64_t{km.revision});
    a.set("fpf_hash_alg", tcg_name(km.fuse_hash_algorithm));
  } else {
    a.set("km_version", std::uint64_t{km.km_version});
  }
  describe_signature(km.signature, out);
  for (const KeyManifestHash& entry : km.hashes) {
    Component child{"key-hash", usage_name(entry.usage), {}};
    child.attributes.set("usage", entry.usage, Show::hex);
    child.attributes.set("alg", tcg_name(entry.hash.algorithm));
    child.attributes.set("hash", to_hex(entry.hash.digest));
    const bool compared = (entry.usage & 1U) != 0 && key_matches;
    const Judged verdict = judged(compared ? key_matches : std::nullopt, "the key that it names was not compared",
                                  "the boot policy is signed with another key");
    child.checks.push_back({.question = Question::digests,
                            .state = verdict.state,
                            .subject = "digest of the key",
                            .reason = verdict.reason,
                            .algorithm = tcg_name(entry.hash.algorithm),
                            .stored = to_hex(entry.hash.digest)});
    out.children.push_back(std::move(child));
  }
  return out;
}

std::vector<Finding> audit(const KeyManifest& km) {
  std::vector<Finding> out;
  if (km.signature.state == SignatureVerdict::invalid) {
    out.push_back({.id = "intel.bootguard.km.signature-bad",
                   .question = Question::signatures,
                   .severity = Severity::error,
                   .title = "the key manifest's signature does not match its content",
                   .detail = "A machine with Boot Guard fused refuses this key manifest.",
                   .range = km.range});
  }
  return out;
}

}  // namespace quell::intel
