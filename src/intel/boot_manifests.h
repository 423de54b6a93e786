// SPDX-License-Identifier: GPL-2.0-or-later
// The two manifests of Intel Boot Guard: the key manifest (__KEYM__), whose key the fuses know, and the boot policy
// manifest (__ACBP__), whose key the key manifest knows. Boot Guard 1.0 and CBnT (converged Boot Guard and TXT).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intel/acm.h"
#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::intel {

// A digest with its TCG algorithm number.
struct TcgHash {
  std::uint16_t algorithm = 0x10;  // none
  Bytes digest{};                  // view into the image
};

// "SHA1", "SHA256", "SM3", "RSASSA-PSS", ..., or the number.
std::string tcg_name(std::uint16_t algorithm);

// Key and signature at the end of both manifests.
struct ManifestSignature {
  std::uint64_t offset = 0;  // of the structure, from the start of the manifest
  std::uint16_t key_bits = 0;
  std::uint32_t exponent = 0;
  Bytes modulus{};  // little-endian
  std::uint16_t scheme = 0;
  std::uint16_t hash = 0;
  Bytes signature{};
  std::uint64_t signed_size = 0;  // bytes 0 to here are signed
  SignatureVerdict state = SignatureVerdict::not_checked;
  bool big_endian = true;  // byte order in which it verified
};

struct KeyManifestHash {
  std::uint64_t usage = 0;  // bit 0 boot policy key, 1 FIT patch manifest key, 2 ACM manifest key, 3 SDEV key
  TcgHash hash{};
};

struct KeyManifest {
  Range range{};
  std::uint8_t version = 0;
  bool cbnt = false;
  std::uint8_t km_version = 0;  // 1.0 only
  std::uint8_t revision = 0;    // CBnT only
  std::uint8_t svn = 0;
  std::uint8_t id = 0;
  std::uint16_t fuse_hash_algorithm = 0;  // CBnT only
  std::vector<KeyManifestHash> hashes{};
  ManifestSignature signature{};
};

// A part of the initial boot block, by physical address.
struct IbbSegment {
  std::uint16_t flags = 0;
  std::uint32_t base = 0;
  std::uint32_t size = 0;
  [[nodiscard]] bool hashed() const noexcept { return (flags & 1U) == 0; }
};

struct IbbElement {
  std::uint8_t set_number = 0;
  std::uint8_t pbet = 0;
  std::uint32_t flags = 0;
  std::uint32_t entry_point = 0;
  std::uint64_t mchbar = 0;
  std::uint64_t vtd_bar = 0;
  TcgHash post_ibb{};
  std::vector<TcgHash> digests{};
  TcgHash obb{};
  std::vector<IbbSegment> segments{};
};

// A range that the platform manufacturer's data protects.
struct PmdaEntry {
  std::uint32_t base = 0;
  std::uint32_t size = 0;
};

struct BootPolicy {
  Range range{};
  std::uint8_t version = 0;
  bool cbnt = false;
  std::uint8_t revision = 0;
  std::uint8_t svn = 0;
  std::uint8_t acm_svn = 0;
  std::uint64_t nem_bytes = 0;
  std::vector<std::string> elements{"__ACBP__"};  // ids in the order of the manifest, the header first
  std::vector<IbbElement> ibb{};
  std::vector<PmdaEntry> pmda{};
  std::optional<ManifestSignature> signature{};
  std::vector<Finding> problems{};  // damage beside which the rest was read
};

// Whether the structure's id and a known generation stand at the start.
bool looks_like_key_manifest(ByteView view) noexcept;
bool looks_like_boot_policy(ByteView view) noexcept;

// Both read the structure at the start of the view and verify its signature. Damage that hides only a part of a boot
// policy becomes one of its `problems`.
Result<KeyManifest> parse_key_manifest(ByteView view);
Result<BootPolicy> parse_boot_policy(ByteView view);

// Whether the key manifest names the key of this boot policy; nothing when it cannot be told.
std::optional<bool> names_key_of(const KeyManifest& manifest, const BootPolicy& policy);

// `key_matches`: what names_key_of() said of the boot policy beside it. `digest_matches`: for each digest of the
// initial boot block that was compared, whether it is right.
Component describe(const KeyManifest& manifest, std::optional<bool> key_matches = std::nullopt);
Component describe(const BootPolicy& policy, const std::vector<std::optional<bool>>& digest_matches = {});
std::vector<Finding> audit(const KeyManifest& manifest);
std::vector<Finding> audit(const BootPolicy& policy);

}  // namespace quell::intel
