// SPDX-License-Identifier: GPL-2.0-or-later
// The boot EEPROM of Raspberry Pi 4 and 5: sections, settings, signatures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/digest.h"
#include "quell/finding.h"

namespace quell::raspberrypi {

enum class SectionKind : std::uint8_t {
  second_stage,  // 0x55AAF00F
  file,          // 0x55AAF11F, modifiable
  stored_file,   // 0x55AAF22F, 2019 only
  compressed,    // 0x55AAF33F, "CK"
  lz4,           // 0x55AAF44F
  padding,       // 0x55AAFEEF
  other,
};

struct Section {
  Range range{};  // header included
  std::uint32_t magic = 0;
  std::uint32_t length = 0;  // as stored: what follows the 8-byte header
  SectionKind kind = SectionKind::other;
  std::string name{};
  ByteView content{};                            // stored content, without name and trailer
  std::optional<std::uint64_t> unpacked_size{};  // of packed sections that could be decoded
  bool digest_matches = true;                    // of packed sections: the trailer is the SHA-256 of the result

  [[nodiscard]] bool packed() const noexcept { return kind == SectionKind::compressed || kind == SectionKind::lz4; }
};

// A signature block behind the code of a second stage.
struct StageSignature {
  std::string owner{};  // "rpi", or "customer" for the device owner's counter-signature
  std::uint32_t length = 0;
  std::uint32_t key_number = 0;
  std::optional<std::uint32_t> version{};     // anti-rollback; BCM2712
  std::optional<Sha256> public_key_sha256{};  // BCM2712
  std::optional<bool> valid{};                // nothing where the key is in the chip's ROM
};

// What `bootconf.sig` holds, compared with `bootconf.txt` and `pubkey.bin`.
struct ConfigSignature {
  bool digest_matches = false;
  std::optional<bool> rsa_valid{};  // nothing without an RSA signature or a key
  std::optional<std::uint64_t> timestamp{};
};

struct BuildInfo {
  std::string version{};
  std::string date{};
  std::string time{};
  std::optional<std::uint64_t> timestamp{};
  bool from_bootmain = false;  // from the decompressed copy, not from strings in the clear
};

struct Eeprom {
  std::uint64_t size = 0;        // of the file
  std::uint64_t image_size = 0;  // of the image that it holds from its start on; zero where that cannot be told
  std::vector<Section> sections{};
  std::vector<StageSignature> bootcode_signatures{};  // innermost first
  std::vector<StageSignature> bootsys_signatures{};
  bool two_slots = false;  // A/B image
  std::string config{};
  std::optional<ConfigSignature> config_signature{};
  std::optional<Sha256> owner_key_sha256{};
  std::optional<std::uint64_t> update_time{};
  BuildInfo build{};
  std::uint64_t unpacked_bytes = 0;  // of all packed sections
  std::vector<Finding> problems{};

  // The first section with this name, or nullptr.
  [[nodiscard]] const Section* find(std::string_view name) const noexcept;
  // The last value of a setting in the configuration; nothing when it is not set.
  [[nodiscard]] std::optional<std::string> setting(std::string_view key) const;
  // "BCM2711" or "BCM2712"; empty where neither size nor signatures tell.
  [[nodiscard]] std::string_view chip() const noexcept;
};

// Whether the first section of an EEPROM image stands at the start.
bool looks_like_eeprom(ByteView view) noexcept;

// How long the image at the start is, by the size of the file, the signature of its second stage, or what follows it: a
// chip can be larger than the image, and one that is read at a larger size repeats. Zero where that cannot be told.
std::uint64_t eeprom_size(ByteView view);

// Reads the image. Errc::unrecognised without the first section; damage becomes `problems`.
Result<Eeprom> parse_eeprom(ByteView view);

// The content of a packed section. Errc::damaged when the packing is broken; the digest is not checked.
Result<Buffer> unpack(const Section& section);

Component describe(const Eeprom& eeprom, ByteView view);
std::vector<Finding> audit(const Eeprom& eeprom);

}  // namespace quell::raspberrypi
