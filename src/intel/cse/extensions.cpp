// SPDX-License-Identifier: GPL-2.0-or-later
// The layout of each extension stands beside the function that reads it; offsets in hexadecimal from its tag, `d` is
// the digest size.
#include "intel/cse/extensions.h"

#include <algorithm>

namespace quell::intel {
namespace {

namespace tag = extension_tag;

constexpr std::uint64_t sha256_size = 32;
constexpr std::uint64_t sha384_size = 48;

bool plausible_digest(std::uint64_t size) { return size == sha256_size || size == sha384_size; }

class Reader {
 public:
  Reader(ExtensionList& out, std::uint64_t digest_size) : out_(out), d_(digest_size) {}

  // Extensions whose content is cut off keep what could be read and mark the list as damaged.
  void read(const Extension& extension) {
    Fields f(extension.bytes, "extension");
    switch (extension.tag) {
      case tag::system_information: out_.default_configuration = f.sub(0x10, d_).bytes(); break;
      case tag::partition_information: partition_information(extension, f); break;
      case tag::ifwi_partition: ifwi_partition(f); break;
      case tag::module_attributes: module_attributes(extension, f); break;
      case tag::client_system: out_.client = ClientSystem{f.u32(0x08), f.u64(0x28)}; break;
      case tag::key_manifest: key_manifest(extension, f); break;
      case tag::key_manifest_2: key_manifest_2(extension, f); break;
      case tag::signed_package: signed_package(extension, f, 0x34); break;
      case tag::signed_package_2: signed_package(extension, f, 0x28); break;
      case tag::imaging_unit: imaging_unit(extension, f); break;
      case tag::audio: direct(extension.tag, 0, f.sub(0x28, d_).bytes()); break;
      case tag::boot_policy: boot_policy(f); break;
      case tag::usb_c_io_manager:
      case tag::usb_c_phy:
      case tag::thunderbolt: typed_digests(extension, f); break;
      case tag::server_platform:
        out_.server_type = f.text(0x08, 2);
        out_.server_platform = f.text(0x0A, 2);
        break;
      default: break;
    }
    if (!f.done()) out_.damaged = true;
  }

 private:
  void direct(std::uint32_t tag, std::uint32_t type, Bytes digest, std::uint32_t size = 0) {
    if (!digest.empty()) out_.direct_digests.push_back({tag, type, size, digest});
  }

  // 08 name, 0C size, 10 digest, then VCN, u16 minor, major, format minor, major, u32 instance, flags, five more;
  // entries of 14 + d: name (12), type, compression, u16, u32 metadata size, 14 digest.
  void partition_information(const Extension& extension, Fields& f) {
    const std::uint64_t after = 0x10 + d_;
    out_.partitions.push_back({extension.tag, f.text(0x08, 4), f.u32(0x0C), f.sub(0x10, d_).bytes(), f.u32(after),
                               f.u16(after + 0x04), f.u16(after + 0x06), f.u32(after + 0x0C), f.u32(after + 0x10)});
    const std::uint64_t width = 0x14 + d_;
    for (std::uint64_t at = after + 0x28; at + width <= extension.bytes.size(); at += width) {
      out_.metadata.push_back({f.text(at, 12), f.u8(at + 0x0C), f.u32(at + 0x10), f.sub(at + 0x14, d_).bytes()});
    }
  }

  // 08 name, 0C size, 10 u16 minor, 12 major, 14/16 format, 18 instance, 1C flags, 20 algorithm, 21 u24 digest size,
  // 24 digest.
  void ifwi_partition(Fields& f) {
    const std::uint64_t size = f.u32(0x20) >> 8U;
    if (!plausible_digest(size)) {
      out_.damaged = true;
      return;
    }
    out_.partitions.push_back({tag::ifwi_partition, f.text(0x08, 4), f.u32(0x0C), f.sub(0x24, size).bytes(),
                               std::nullopt, f.u16(0x10), f.u16(0x12), f.u32(0x18), f.u32(0x1C)});
  }

  // 08 compression, 09 encryption, 0C unpacked size, 10 stored size, 14 device, 16 vendor, 18 digest to the end.
  void module_attributes(const Extension& extension, Fields& f) {
    const std::uint64_t size = extension.bytes.size() < 0x18 ? 0 : extension.bytes.size() - 0x18;
    out_.module = ModuleAttributes{f.u8(0x08), f.u8(0x09), f.u32(0x0C), f.u32(0x10), f.sub(0x18, size).bytes()};
  }

  // 08 type, 0C SVN, 10 OEM, 12 key id, entries from 24: 00 usage bits (16), 22 u16 digest size, 24 digest.
  void key_manifest(const Extension& extension, Fields& f) {
    CseKeyManifest keys{f.u32(0x08), f.u32(0x0C), f.u8(0x12), {}};
    std::uint64_t at = 0x24;
    while (at + 0x24 <= extension.bytes.size()) {
      const std::uint64_t size = f.u16(at + 0x22);
      if (!plausible_digest(size)) break;
      ListedKey key;
      for (unsigned bit = 0; bit < 128; ++bit) {
        if ((f.u8(at + bit / 8) >> (bit % 8) & 1U) != 0) key.roles.push_back(bit);
      }
      key.digest = f.sub(at + 0x24, size).bytes();
      keys.keys.push_back(std::move(key));
      at += 0x24 + size;
    }
    out_.keys = std::move(keys);
  }

  // The same with a u16 role instead of the bits; header 1C, entries 08 + digest with its size at 06.
  void key_manifest_2(const Extension& extension, Fields& f) {
    CseKeyManifest keys{f.u32(0x08), f.u32(0x0C), f.u8(0x12), {}};
    const std::uint64_t width = 0x08 + d_;
    for (std::uint64_t at = 0x1C; at + width <= extension.bytes.size(); at += width) {
      keys.keys.push_back({{f.u16(at)}, f.sub(at + 0x08, d_).bytes()});
    }
    out_.keys = std::move(keys);
  }

  // 08 name, 0C VCN, 10 usage bits, 20 anti-rollback SVN (tag 0F); entries of 14 + digest size: name (12), type,
  // algorithm or SVN, 0E u16 digest size, 10 u32 metadata size, 14 digest.
  void signed_package(const Extension& extension, Fields& f, std::uint64_t header) {
    SignedPackage package{f.text(0x08, 4), f.u32(0x0C), std::nullopt};
    if (extension.tag == tag::signed_package) package.anti_rollback_version = f.u32(0x20);
    std::uint64_t at = header;
    while (at + 0x14 <= extension.bytes.size()) {
      const std::uint64_t size = f.u16(at + 0x0E);
      if (!plausible_digest(size)) {
        out_.damaged = true;
        break;
      }
      out_.metadata.push_back({f.text(at, 12), f.u8(at + 0x0C), f.u32(at + 0x10), f.sub(at + 0x14, size).bytes()});
      at += 0x14 + size;
    }
    out_.package = std::move(package);
  }

  // Chunks of 24 + d from 1C: 00 number, 04 size, 08 date, 0C digest, padding.
  void imaging_unit(const Extension& extension, Fields& f) {
    const std::uint64_t width = 0x24 + d_;
    for (std::uint64_t at = 0x1C; at + width <= extension.bytes.size(); at += width) {
      direct(extension.tag, f.u32(at), f.sub(at + 0x0C, d_).bytes(), f.u32(at + 0x04));
    }
  }

  // 14 / 3C / 64: SHA-256 of IBBL, IBB, OBB.
  void boot_policy(Fields& f) {
    constexpr std::array<std::uint64_t, 3> places{0x14, 0x3C, 0x64};
    for (std::uint32_t i = 0; i < places.size(); ++i) {
      direct(tag::boot_policy, i, f.sub(places.at(i), sha256_size).bytes());
    }
  }

  // From 0C: u32 type, u32 algorithm, u32 digest size, digest.
  void typed_digests(const Extension& extension, Fields& f) {
    std::uint64_t at = 0x0C;
    while (at + 0x0C <= extension.bytes.size()) {
      const std::uint64_t size = f.u32(at + 0x08);
      if (!plausible_digest(size)) break;
      direct(extension.tag, f.u32(at), f.sub(at + 0x0C, size).bytes());
      at += 0x0C + size;
    }
  }

  ExtensionList& out_;
  std::uint64_t d_;
};

}  // namespace

bool ExtensionList::has(std::uint32_t wanted) const noexcept {
  return std::ranges::find(all, wanted, &Extension::tag) != all.end();
}

const PartitionInformation* ExtensionList::partition() const noexcept {
  const auto better = std::ranges::find(partitions, tag::ifwi_partition, &PartitionInformation::tag);
  if (better != partitions.end()) return &*better;
  return partitions.empty() ? nullptr : &partitions.front();
}

ExtensionList parse_extensions(ByteView list, std::uint64_t digest_size) {
  constexpr std::uint64_t header_size = 8;
  ExtensionList out;
  Reader reader(out, digest_size);
  std::uint64_t at = 0;
  while (at < list.size()) {
    const auto number = list.u32(at);
    const auto size = list.u32(at + 4);
    if (!number || !size || *size < header_size || !list.has(at, *size)) {
      out.damaged = true;
      break;
    }
    const Extension extension{*number, list.clip({at, *size})};
    reader.read(extension);
    out.all.push_back(extension);
    at += *size;
  }
  return out;
}

ExtensionList parse_extensions(const Manifest& manifest) {
  const Range rest = Range::between(manifest.header_size, manifest.bytes.size());
  constexpr std::uint64_t rsa_3072 = 0x180;
  return parse_extensions(manifest.bytes.clip(rest), manifest.key_size == rsa_3072 ? sha384_size : sha256_size);
}

}  // namespace quell::intel
