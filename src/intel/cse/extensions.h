// SPDX-License-Identifier: GPL-2.0-or-later
// Extensions of CSE manifests and metadata files: a list of (u32 tag, u32 size, body). docs/formats/csme.md
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intel/manifest.h"
#include "quell/byte_view.h"

namespace quell::intel {

// The tags that quell reads the content of; all others are listed with their name.
namespace extension_tag {
inline constexpr std::uint32_t system_information = 0x00;
inline constexpr std::uint32_t partition_information = 0x03;
inline constexpr std::uint32_t module_attributes = 0x0A;
inline constexpr std::uint32_t client_system = 0x0C;
inline constexpr std::uint32_t key_manifest = 0x0E;
inline constexpr std::uint32_t signed_package = 0x0F;
inline constexpr std::uint32_t imaging_unit = 0x10;
inline constexpr std::uint32_t audio = 0x11;
inline constexpr std::uint32_t boot_policy = 0x13;
inline constexpr std::uint32_t ifwi_partition = 0x16;
inline constexpr std::uint32_t usb_c_io_manager = 0x18;
inline constexpr std::uint32_t usb_c_phy = 0x19;
inline constexpr std::uint32_t thunderbolt = 0x1A;
inline constexpr std::uint32_t key_manifest_2 = 0x22;
inline constexpr std::uint32_t signed_package_2 = 0x23;
inline constexpr std::uint32_t server_platform = 0x32;
}  // namespace extension_tag

struct Extension {
  std::uint32_t tag = 0;
  ByteView bytes{};  // with the 8 bytes of tag and size
};

// What extensions 0x03 and 0x16 say of their partition.
struct PartitionInformation {
  std::uint32_t tag = 0;
  std::string name{};
  std::uint32_t size = 0;  // of what the digest covers, from $CPD
  Bytes digest{};          // reversed; SHA-256 or SHA-384
  std::optional<std::uint32_t> version_control_number{};
  std::uint16_t minor = 0, major = 0;
  std::uint32_t instance = 0;
  std::uint32_t flags = 0;
};

// A metadata file that a manifest vouches for (0x03, 0x0F, 0x23).
struct ListedMetadata {
  std::string name{};
  std::uint8_t type = 0;
  std::uint32_t size = 0;
  Bytes digest{};  // reversed
};

struct SignedPackage {
  std::string name{};
  std::uint32_t version_control_number = 0;
  std::optional<std::uint32_t> anti_rollback_version{};
};

// SKU of client firmware (0x0C).
struct ClientSystem {
  std::uint32_t capabilities = 0;  // FWSKUCaps
  std::uint64_t attributes = 0;
};

// A key that a key manifest (0x0E, 0x22) accepts, and what for.
struct ListedKey {
  std::vector<unsigned> roles{};  // bit numbers of the usage map
  Bytes digest{};                 // forward: SHA of modulus and exponent as stored
};

struct CseKeyManifest {
  std::uint32_t type = 0;  // 1 Intel's root of trust, 2 OEM
  std::uint32_t security_version = 0;
  std::uint8_t key_id = 0;
  std::vector<ListedKey> keys{};
};

// A module's own attributes (0x0A).
struct ModuleAttributes {
  std::uint8_t compression = 0;  // 0 none, 1 Huffman, 2 LZMA
  std::uint8_t encryption = 0;
  std::uint32_t unpacked_size = 0;
  std::uint32_t stored_size = 0;
  Bytes digest{};  // reversed
};

// A digest of content that stands directly in an extension, in the order in which digests are printed.
struct DirectDigest {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;  // which content, in the words of that extension
  std::uint32_t size = 0;  // bytes it covers; 0: the whole module
  Bytes digest{};
};

struct ExtensionList {
  std::vector<Extension> all{};
  bool damaged = false;  // the list breaks off: a size below 8 or beyond the end
  std::vector<PartitionInformation> partitions{};
  std::vector<ListedMetadata> metadata{};
  std::optional<SignedPackage> package{};
  std::optional<ClientSystem> client{};
  std::optional<CseKeyManifest> keys{};
  std::optional<ModuleAttributes> module{};
  std::vector<DirectDigest> direct_digests{};
  Bytes default_configuration{};                 // digest of the Intel configuration, reversed (0x00)
  std::optional<std::string> server_type{};      // "RC", "OP" (0x32)
  std::optional<std::string> server_platform{};  // "GE", "PU", ... (0x32)

  [[nodiscard]] bool has(std::uint32_t tag) const noexcept;
  // The partition's digest and version: 0x16 where present, else 0x03.
  [[nodiscard]] const PartitionInformation* partition() const noexcept;
};

// Reads a list. `digest_size` (32 or 48) goes with the key of the manifest that vouches for it.
ExtensionList parse_extensions(ByteView list, std::uint64_t digest_size);

// The list of a manifest: what follows its header.
ExtensionList parse_extensions(const Manifest& manifest);

// "signed package", ... for people; "extension 0x77" when nobody has named it.
std::string extension_title(std::uint32_t tag);
// "CSE main", "PMC", ...; "role 77" when nobody has named it.
std::string key_role_title(unsigned role);
// The roles of which a partition's key must have one; empty where none is known.
std::vector<unsigned> key_roles_of(std::string_view partition);

}  // namespace quell::intel
