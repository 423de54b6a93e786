// SPDX-License-Identifier: GPL-2.0-or-later
// Code partitions of the CSE engines: `$CPD`, the signed manifest with its extensions, metadata, modules. The chain of
// digests is complete: manifest -> metadata -> module, and manifest -> whole partition.
#include <algorithm>

#include "specimen/intel_parts.h"

#include "base/checksum.h"
#include "base/size.h"

namespace quell::specimen {
namespace {

struct File {
  std::string name{};
  Buffer stored{};
  std::uint64_t offset = 0;
};

class CodePartition {
 public:
  CodePartition(std::string_view name, const CpdStyle& style) : name_(name), style_(style) {}

  Buffer build(const std::vector<CpdModule>& modules) {
    for (const CpdModule& module : modules) add(module);
    const std::uint64_t directory_size = header_size() + 0x18 * (1 + metadata_.size() + files_.size());
    manifest_at_ = directory_size;
    const std::uint64_t manifest_size = unsigned_manifest(manifest_spec(), extensions(digest_of({}))).size();
    lay_out(directory_size + manifest_size);

    Canvas canvas(size_);
    canvas.put(0, directory(manifest_size));
    for (const File& file : metadata_) canvas.put(file.offset, file.stored);
    for (const File& file : files_) canvas.put(file.offset, file.stored);
    canvas.put(manifest_at_, signed_manifest(canvas.bytes(), manifest_size));
    return std::move(canvas).take();
  }

 private:
  [[nodiscard]] std::uint64_t header_size() const { return style_.crc ? 0x14 : 0x10; }
  [[nodiscard]] HashAlgorithm algorithm() const { return style_.crc ? HashAlgorithm::sha384 : HashAlgorithm::sha256; }
  [[nodiscard]] std::uint64_t digest_size() const { return style_.crc ? 48 : 32; }
  // Digests stand in reverse byte order.
  [[nodiscard]] Buffer digest_of(Bytes first, Bytes second = {}) const {
    return reversed(hash(algorithm(), first, second));
  }
  [[nodiscard]] ManifestSpec manifest_spec() const {
    ManifestSpec spec;
    spec.version = style_.version;
    spec.flags = 1;  // production ready
    spec.date = style_.crc ? 0x20220315 : 0x20170920;
    spec.key_bits = style_.crc ? 3072 : 2048;
    spec.exponent = 65537;
    return spec;
  }

  void add(const CpdModule& module) {
    const Buffer stored = module.compressed ? intel_lzma(module.plain, true) : module.plain;
    Buffer metadata;
    append_u32(metadata, 0x0A);
    append_u32(metadata, 0x18 + digest_size());
    append_u32(metadata, module.compressed ? 2 : 0);  // compression, encryption
    append_u32(metadata, module.plain.size());
    append_u32(metadata, stored.size());
    append_u16(metadata, 0x0002);
    append_u16(metadata, 0x8086);
    append(metadata, digest_of(stored));
    metadata_.push_back({module.name + ".met", metadata});
    files_.push_back({module.name, stored});
  }

  void lay_out(std::uint64_t at) {
    for (File& file : metadata_) {
      file.offset = at;
      at += file.stored.size();
    }
    for (File& file : files_) {
      at = round_up(at, 0x40);
      file.offset = at;
      at += file.stored.size();
    }
    size_ = round_up(at, 0x1000);
  }

  [[nodiscard]] Buffer directory(std::uint64_t manifest_size) const {
    Buffer out;
    append(out, "$CPD", 4);
    append_u32(out, 1 + metadata_.size() + files_.size());
    append_u8(out, style_.crc ? 2 : 1);
    append_u8(out, 1);
    append_u8(out, header_size());
    append_u8(out, 0);
    append(out, name_, 4);
    if (style_.crc) append_u32(out, 0);
    const auto entry = [&out](std::string_view name, std::uint64_t offset, std::uint64_t size) {
      append(out, name, 12);
      append_u32(out, offset);
      append_u32(out, size);
      append_u32(out, 0);
    };
    entry(name_ + ".man", manifest_at_, manifest_size);
    for (std::size_t i = 0; i < files_.size(); ++i) {
      entry(files_[i].name, files_[i].offset, files_[i].stored.size());
      entry(metadata_[i].name, metadata_[i].offset, metadata_[i].stored.size());
    }
    if (style_.crc) {
      const std::uint32_t crc = crc32(out);
      for (unsigned i = 0; i < 4; ++i) out[0x10 + i] = static_cast<std::byte>(crc >> (8 * i));
    } else {
      out[0x0B] = std::byte{complement_of(sum_of(out))};
    }
    return out;
  }

  // Name of the module, kind, size and digest of its metadata.
  void append_metadata_digests(Buffer& out) const {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      append(out, files_[i].name, 12);
      append_u8(out, 0);
      append_u8(out, style_.signed_package && !style_.crc ? 2 : 0);
      append_u16(out, style_.signed_package ? digest_size() : 0xFFFF);
      append_u32(out, metadata_[i].stored.size());
      append(out, digest_of(metadata_[i].stored));
    }
  }

  void append_partition_information(Buffer& out, const Buffer& partition_digest) const {
    append_u32(out, 0x03);
    append_u32(out, 0x38 + digest_size() + (0x14 + digest_size()) * files_.size());
    append(out, name_, 4);
    append_u32(out, size_);
    append(out, partition_digest);
    append_u32(out, 1);           // version control number
    append_u32(out, 0x00010000);  // version of this partition
    append_u32(out, 0x00010000);  // of its data format
    append_u32(out, 0);           // instance
    append_u32(out, 0);           // flags
    out.insert(out.end(), 0x14, std::byte{0xFF});
    append_metadata_digests(out);
  }

  void append_signed_package(Buffer& out, const Buffer& partition_digest) const {
    append_u32(out, 0x0F);
    append_u32(out, 0x34 + (0x14 + digest_size()) * files_.size());
    append(out, name_, 4);
    append_u32(out, 1);                                              // version control number
    append_u32(out, name_ == "NFTP" ? 2 : name_ == "PMCP" ? 4 : 1);  // usage bitmap: which role the key has
    out.resize(out.size() + 12);
    append_u32(out, 1);  // anti-rollback security version
    out.resize(out.size() + 0x10);
    append_metadata_digests(out);

    append_u32(out, 0x16);
    append_u32(out, 0x38 + digest_size());
    append(out, name_, 4);
    append_u32(out, size_);
    append_u32(out, 0x10000000);  // version of this partition
    append_u32(out, 0x00010000);  // of its data format
    append_u32(out, 1);           // instance
    append_u32(out, 0);           // flags
    append_u32(out, (style_.crc ? 3 : 2) | digest_size() << 8U);
    append(out, partition_digest);
    out.resize(out.size() + 0x14);
  }

  [[nodiscard]] Buffer extensions(const Buffer& partition_digest) const {
    Buffer out;
    if (style_.client_information && name_ == "FTPR") {
      append_u32(out, 0x0C);
      append_u32(out, 0x30);
      append_u32(out, 0xB111BFD0);  // capabilities
      out.insert(out.end(), 28, std::byte{0xFF});
      append_u32(out, 0x00002210);  // attributes: consumer SKU
      append_u32(out, 0);
    }
    if (style_.signed_package) {
      append_signed_package(out, partition_digest);
    } else {
      append_partition_information(out, partition_digest);
    }
    return out;
  }

  // The partition digest covers everything but the manifest.
  [[nodiscard]] Buffer signed_manifest(Bytes partition, std::uint64_t manifest_size) const {
    const Buffer digest =
        digest_of(partition.first(to_size(manifest_at_)), partition.subspan(to_size(manifest_at_ + manifest_size)));
    Buffer manifest = unsigned_manifest(manifest_spec(), extensions(digest));
    sign_manifest(manifest, manifest_spec());
    return manifest;
  }

  std::string name_;
  CpdStyle style_;
  std::vector<File> metadata_{};
  std::vector<File> files_{};
  std::uint64_t manifest_at_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace

Buffer code_partition(std::string_view name, const CpdStyle& style, const std::vector<CpdModule>& modules) {
  return CodePartition(name, style).build(modules);
}

}  // namespace quell::specimen
