// SPDX-License-Identifier: GPL-2.0-or-later
// The signed manifest ($MAN, $MN2) of Intel ME, TXE and SPS firmware, and who signed it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "model/firmware_version.h"
#include "quell/byte_view.h"
#include "quell/check.h"
#include "quell/digest.h"

namespace quell::intel {

// A manifest as it stands in an image. The views point into the image.
struct Manifest {
  ByteView bytes{};               // header and everything signed after it, as far as the image holds it
  std::uint64_t header_size = 0;  // bytes; 0x284 with 2048-bit keys, 0x384 with 3072-bit ones
  std::uint64_t size = 0;         // bytes, as claimed
  std::uint16_t type = 0;
  std::uint16_t subtype = 0;
  std::uint32_t header_version = 0;
  std::uint32_t flags = 0;  // bit 31 debug signed, 30 pre-production, 29 PID bound, 0 production ready (CSE)
  std::uint32_t vendor = 0;
  std::uint32_t date = 0;          // BCD: day, month, year (high half)
  bool is_man = false;             // `$MAN` (generation 1), else `$MN2`
  std::uint32_t module_count = 0;  // generations 1 and 2; a build tag on CSE
  Version version{};
  std::uint32_t security_version = 0;
  std::uint64_t key_size = 0;  // bytes: 0x100 or 0x180
  std::uint32_t exponent = 0;
  Bytes modulus{};    // little-endian
  Bytes signature{};  // little-endian

  static constexpr std::uint64_t tag_offset = 0x1C;
  // "2017-07-04"
  [[nodiscard]] std::string date_text() const;
  [[nodiscard]] bool debug_signed() const noexcept { return (flags >> 31U) != 0; }
};

// Whether a `$MAN` or `$MN2` manifest header seems to start here (tag at +0x1C).
bool looks_like_manifest(ByteView at) noexcept;

// Reads the manifest that starts with the view. Errc::damaged when the header is cut off or contradicts itself;
// a size beyond the view is not an error (`bytes` is then shorter than `size`).
Result<Manifest> parse_manifest(ByteView at);

enum class SignatureState {
  valid,       // the complete padding and the digest match
  invalid,     // they do not
  empty,       // key and signature are blank: never signed
  unverified,  // of a kind that is known in outline only (RSA-4096, CSME 18 and later), and not as expected
};
// "valid", "invalid", "empty", "not verified".
std::string_view to_string(SignatureState state) noexcept;
// The same as the state of a check.
constexpr CheckState as_check(SignatureState state) noexcept {
  if (state == SignatureState::empty) return CheckState::absent;
  return state == SignatureState::unverified ? CheckState::not_checked : check_state(state == SignatureState::valid);
}

// RSA-2048 PKCS#1 v1.5 with SHA-1 ($MAN) or SHA-256 ($MN2), RSA-3072 and RSA-4096 PSS with SHA-384. Hashed are the
// first 0x80 bytes and everything after the header. A manifest that claims more than the image holds is invalid.
SignatureState verify_signature(const Manifest& manifest);

// What verify_signature() says of the manifests of one image, each worked out once. Copies share what they know. The
// image's bytes must outlive it. Not safe to use from two threads at once.
class Signatures {
 public:
  Signatures() : known_(std::make_shared<std::map<Place, SignatureState>>()) {}

  [[nodiscard]] SignatureState of(const Manifest& manifest) const;

 private:
  using Place = std::pair<const std::byte*, std::uint64_t>;
  std::shared_ptr<std::map<Place, SignatureState>> known_;
};

// What the table of known keys (data/intel-signing-keys.csv) says of a public key.
struct SigningKey {
  bool known = false;
  std::string product{};        // "ME", "CSME", "TXE", "PMC", ...
  std::string owner{};          // "Intel" or "OEM"
  std::string status{};         // "production", "pre-production", "oem"
  std::string version_range{};  // of the firmware it signs, as the table words it
  std::string note{};
};

// MD5 of the 0x104 bytes at manifest + 0x80 (modulus and exponent; with 3072-bit keys a part of the modulus): the
// identifier in use among those who clean this firmware.
Md5 key_identifier(const Manifest& manifest);
SigningKey identify_key(const Manifest& manifest);

// "valid, by Intel's production key", "INVALID, by a key that is in no table", ... for people.
std::string signer_text(const SigningKey& key, SignatureState state);

}  // namespace quell::intel
