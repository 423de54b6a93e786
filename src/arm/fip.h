// SPDX-License-Identifier: GPL-2.0-or-later
// ARM firmware image packages (FIP) of Trusted Firmware-A, with their trusted-boot certificates.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "arm/secure_world.h"
#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/digest.h"
#include "quell/finding.h"

namespace quell::arm {

// Header of an encrypted image.
struct FipEncryption {
  std::uint16_t algorithm = 0;  // 0 AES-GCM
  std::uint16_t flags = 0;      // bit 0: key per device (BSSK) instead of per class (SSK)
  std::uint16_t iv_length = 0;
  std::uint16_t tag_length = 0;
  Bytes iv{};
};

struct FipCertificate {
  std::string subject{};
  Sha256 public_key_sha256{};  // over the DER of the key
  std::optional<std::uint64_t> trusted_counter{};
  std::optional<std::uint64_t> non_trusted_counter{};
  std::map<std::string, Buffer> hashes{};  // by extension id
  std::optional<bool> self_consistent{};   // made with the key that it names
};

struct FipEntry {
  std::uint64_t header_offset = 0;  // image offset of the table entry
  std::string uuid{};
  std::string option{};  // fiptool's name; "blob" when the UUID is not known
  std::string name{};
  std::uint64_t offset = 0;  // from the start of the package
  std::uint64_t size = 0;
  ByteView content{};  // empty when it does not lie in the image
  std::optional<Sha256> digest{};
  std::optional<FipEncryption> encryption{};
  std::optional<FipCertificate> certificate{};
  std::vector<Check> checks{};  // what other parts of the package say of it
};

struct Fip {
  Range range{};
  std::uint32_t serial = 0;
  std::uint64_t flags = 0;
  std::vector<FipEntry> entries{};
  std::optional<bool> hashes_match{};      // nothing without certificates
  std::optional<bool> chain_consistent{};  // keys named by one certificate made the next
  std::vector<Finding> problems{};

  [[nodiscard]] const FipEntry* find(std::string_view option) const noexcept;
  [[nodiscard]] FipEntry* find(std::string_view option) noexcept;
};

// Whether the magic and a serial number stand at the start; no more of the file need be there.
bool looks_like_fip(ByteView view) noexcept;
// The same, and the first entry has a known UUID: for places where the magic may stand by chance.
bool looks_like_known_fip(ByteView view);

// Reads the package at the start of the view, which may go on behind it.
Result<Fip> parse_fip(ByteView view);

// The digests and keys that certificates name, compared with the images; called by parse_fip.
void check_certificates(Fip& fip);
// Reads one certificate; nothing when it is none.
std::optional<FipCertificate> read_fip_certificate(ByteView content);

Component describe(const Fip& fip);
std::vector<Finding> audit(const Fip& fip);

}  // namespace quell::arm
