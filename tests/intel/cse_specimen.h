// SPDX-License-Identifier: GPL-2.0-or-later
// Small CSE images, signed with the project's worthless keys: code partitions, boot partition tables, layout
// tables.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "data/huffman-me12.h"
#include "intel/huffman_reference.h"
#include "intel/manifest.h"
#include "intel/mfs_specimen.h"
#include "quell/digest.h"
#include "specimen/intel_parts.h"
#include "specimen/signing.h"
#include "specimen/specimen.h"

namespace quell::intel::test {

using specimen::Canvas;

inline void append(Buffer& out, Bytes more) { out.insert(out.end(), more.begin(), more.end()); }

inline Buffer reversed(Buffer bytes) {
  std::ranges::reverse(bytes);
  return bytes;
}

inline Buffer pattern(std::uint64_t size, unsigned seed) {
  Buffer out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>((i * 7 + seed * 31 + i / 251) & 0xFFU);
  return out;
}

inline const ReferenceDictionary& huffman() {
  static const ReferenceDictionary dictionary(data::huffman_me12);
  return dictionary;
}

struct File {
  std::string name{};
  Buffer stored{};
  bool huffman = false;
  std::uint32_t listed_size = 0;
};

inline Buffer extension(std::uint32_t tag, Buffer body) {
  Canvas head(8);
  head.u32(0, tag).u32(4, static_cast<std::uint32_t>(body.size() + 8));
  Buffer out = head.bytes();
  append(out, body);
  return out;
}

// A metadata file with nothing but the module attributes.
inline File metadata_of(const std::string& module, unsigned compression, std::uint64_t unpacked, Bytes stored,
                        Bytes digested) {
  Canvas body(0x30, std::byte{0});
  body.u8(0x00, static_cast<std::uint8_t>(compression))
      .u32(0x04, static_cast<std::uint32_t>(unpacked))
      .u32(0x08, static_cast<std::uint32_t>(stored.size()))
      .u16(0x0E, 0x8086)
      .put(0x10, reversed(hash(HashAlgorithm::sha256, digested)));
  Buffer bytes = extension(0x0A, body.bytes());
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return {module + ".met", std::move(bytes), false, size};
}

inline std::vector<File> plain_module(const std::string& name, const Buffer& content) {
  const auto size = static_cast<std::uint32_t>(content.size());
  return {{name, content, false, size}, metadata_of(name, 0, size, content, content)};
}
inline std::vector<File> huffman_module(const std::string& name, const Buffer& content) {
  const Buffer packed = huffman().pack(content, "code");
  const auto size = static_cast<std::uint32_t>(content.size());
  return {{name, packed, true, size}, metadata_of(name, 1, size, packed, content)};
}
inline std::vector<File> lzma_module(const std::string& name, const Buffer& content, bool digest_unpacked = false) {
  const Buffer packed = specimen::intel_lzma(content, true);
  const auto size = static_cast<std::uint32_t>(content.size());
  return {{name, packed, false, size}, metadata_of(name, 2, size, packed, digest_unpacked ? content : packed)};
}

// A digest table as in rbe: records of 0x48 bytes, digest at 0x28.
inline Buffer digest_table(const std::vector<Buffer>& contents) {
  Canvas out(0x1000, std::byte{0});
  std::uint64_t at = 0x100;
  for (const Buffer& content : contents) {
    out.u16(at + 6, 0x8086).put(at + 0x28, reversed(hash(HashAlgorithm::sha256, content)));
    at += 0x48;
  }
  return out.bytes();
}

inline Buffer text_field(const std::string& text, std::size_t width) {
  Buffer out(width);
  std::ranges::copy(as_bytes(text), out.begin());
  return out;
}

struct PartitionOptions {
  Version version{12, 0, 7, 1122};
  bool is_signed = true;
  std::uint32_t flags = 1;
  std::vector<Buffer> more_extensions{};
};

// Header and signature of a manifest over these extensions.
inline Buffer signed_manifest(const Buffer& extensions, const PartitionOptions& options) {
  constexpr std::uint64_t header = 0x284;
  Canvas out(header + extensions.size(), std::byte{0});
  out.u16(0x00, 4)
      .u32(0x04, header / 4)
      .u32(0x08, 0x10000)
      .u32(0x0C, options.flags)
      .u32(0x10, 0x8086)
      .u32(0x14, 0x20190131)
      .u32(0x18, static_cast<std::uint32_t>((header + extensions.size()) / 4))
      .text(0x1C, "$MN2")
      .u16(0x24, static_cast<std::uint16_t>(options.version.major))
      .u16(0x26, static_cast<std::uint16_t>(options.version.minor))
      .u16(0x28, static_cast<std::uint16_t>(options.version.hotfix))
      .u16(0x2A, static_cast<std::uint16_t>(options.version.build))
      .u32(0x2C, 3)
      .u32(0x78, 0x40)
      .u32(0x7C, 1)
      .put(header, extensions);
  if (!options.is_signed) return out.bytes();
  const auto key = specimen::TestKey::of_bits(2048);
  const Buffer digest = hash(HashAlgorithm::sha256, Bytes(out.bytes()).first(0x80), extensions);
  out.put(0x80, key.modulus(ByteOrder::little))
      .u32(0x180, key.exponent())
      .put(0x184, key.sign_pkcs1(HashAlgorithm::sha256, digest, ByteOrder::little));
  return out.bytes();
}

// The signed package (0x0F) that vouches for the metadata files.
inline Buffer signed_package(const std::string& name, const std::vector<File>& files) {
  Canvas head(0x2C, std::byte{0});
  head.put(0x00, text_field(name, 4)).u32(0x04, 17).u32(0x18, 2);
  Buffer body = head.bytes();
  for (const File& file : files) {
    if (!file.name.ends_with(".met")) continue;
    Canvas entry(0x34, std::byte{0});
    entry.put(0, text_field(file.name.substr(0, file.name.size() - 4), 12))
        .u16(0x0E, 32)
        .u32(0x10, file.listed_size)
        .put(0x14, reversed(hash(HashAlgorithm::sha256, file.stored)));
    append(body, entry.bytes());
  }
  return extension(0x0F, body);
}

inline Buffer partition_information(const std::string& name, std::uint64_t size, const Buffer& digest) {
  Canvas body(0x50, std::byte{0});
  body.put(0x00, text_field(name, 4))
      .u32(0x04, static_cast<std::uint32_t>(size))
      .u32(0x18, 2U | 32U << 8U)
      .put(0x1C, digest);
  return extension(0x16, body.bytes());
}

inline Buffer code_partition(const std::string& name, std::vector<File> files, const PartitionOptions& options = {}) {
  constexpr std::uint64_t header = 0x10;
  Buffer fixed;
  for (const Buffer& more : options.more_extensions) append(fixed, more);
  append(fixed, signed_package(name, files));
  const std::uint64_t manifest_size = 0x284 + fixed.size() + 0x58;
  const std::uint64_t manifest_at = header + 0x18 * (files.size() + 1);
  std::uint64_t total = manifest_at + manifest_size;
  for (const File& file : files) total = (total + 0x3F) / 0x40 * 0x40 + file.stored.size();
  total = (total + 0xFFF) / 0x1000 * 0x1000;

  Canvas out(total, std::byte{0xFF});
  out.text(0, "$CPD")
      .u32(4, static_cast<std::uint32_t>(files.size() + 1))
      .u8(8, 1)
      .u8(9, 1)
      .u8(0x0A, header)
      .u8(0x0B, 0);
  out.put(0x0C, text_field(name, 4));
  const auto entry = [&](std::uint64_t index, const std::string& file, std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t at = header + 0x18 * index;
    out.put(at, text_field(file, 12))
        .u32(at + 0x0C, static_cast<std::uint32_t>(offset))
        .u32(at + 0x10, static_cast<std::uint32_t>(size))
        .u32(at + 0x14, 0);
  };
  entry(0, name + ".man", manifest_at, manifest_size);
  std::uint64_t at = manifest_at + manifest_size;
  for (std::size_t i = 0; i < files.size(); ++i) {
    at = (at + 0x3F) / 0x40 * 0x40;
    entry(i + 1, files[i].name, at | (files[i].huffman ? 1U << 25U : 0U), files[i].listed_size);
    out.put(at, files[i].stored);
    at += files[i].stored.size();
  }
  unsigned sum = 0;
  for (const std::byte byte : Bytes(out.bytes()).first(manifest_at)) sum += std::to_integer<unsigned>(byte);
  out.u8(0x0B, static_cast<std::uint8_t>(0x100U - sum % 0x100U));
  const Bytes whole = out.bytes();
  const Buffer digest =
      reversed(hash(HashAlgorithm::sha256, whole.first(manifest_at), whole.subspan(manifest_at + manifest_size)));
  append(fixed, partition_information(name, total, digest));
  out.put(manifest_at, signed_manifest(fixed, options));
  return out.bytes();
}

struct Placed {
  std::string name;
  std::uint32_t type = 0;  // in a BPDT
  Buffer bytes;
};

// An ME region of the classic kind: vectors, $FPT at 0x10, partitions.
inline Buffer classic_region(const std::vector<Placed>& partitions, std::uint16_t tool_build = 1122) {
  std::uint64_t at = 0x1000;
  for (const Placed& one : partitions) at += (one.bytes.size() + 0xFFF) / 0x1000 * 0x1000;
  Canvas out(at);
  out.put(0, Buffer(0x10)).text(0x10, "$FPT").u32(0x14, static_cast<std::uint32_t>(partitions.size()));
  out.u8(0x18, 0x20).u8(0x19, 0x10).u8(0x1A, 0x20).u8(0x1B, 0).u16(0x2E, tool_build);
  at = 0x1000;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const std::uint64_t row = 0x30 + i * 0x20;
    const bool code = partitions[i].bytes.size() > 4 && ByteView(partitions[i].bytes).matches(0, "$CPD");
    out.put(row, Buffer(0x20)).put(row, text_field(partitions[i].name, 4));
    out.u32(row + 8, static_cast<std::uint32_t>(at))
        .u32(row + 0x0C, static_cast<std::uint32_t>(partitions[i].bytes.size()));
    out.u32(row + 0x1C, code ? 0 : 1).put(at, partitions[i].bytes);
    at += (partitions[i].bytes.size() + 0xFFF) / 0x1000 * 0x1000;
  }
  unsigned sum = 0;
  for (const std::byte byte : Bytes(out.bytes()).subspan(0x10, 0x20)) sum += std::to_integer<unsigned>(byte);
  out.u8(0x1B, static_cast<std::uint8_t>(0x100U - sum % 0x100U));
  return out.bytes();
}

// A boot partition: BPDT, then its partitions.
inline Buffer boot_partition(const std::vector<Placed>& partitions, unsigned version) {
  std::uint64_t at = 0x1000;
  for (const Placed& one : partitions) at += one.bytes.size();
  Canvas out(at);
  const std::uint64_t table = 0x18 + 12 * partitions.size();
  out.put(0, Buffer(table)).u32(0, 0x000055AA).u16(4, static_cast<std::uint16_t>(partitions.size()));
  out.u8(6, static_cast<std::uint8_t>(version));
  at = 0x1000;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    out.u32(0x18 + 12 * i, partitions[i].type);
    out.u32(0x1C + 12 * i, static_cast<std::uint32_t>(at));
    out.u32(0x20 + 12 * i, static_cast<std::uint32_t>(partitions[i].bytes.size())).put(at, partitions[i].bytes);
    at += partitions[i].bytes.size();
  }
  if (version == 2) {
    out.u32(8, crc32(Bytes(out.bytes()).subspan(4, table - 4)));
    return out.bytes();
  }
  unsigned all = 0, some = 0;
  const Bytes bytes = out.bytes();
  for (std::uint64_t i = 4; i < table; ++i) all += std::to_integer<unsigned>(bytes[i]);
  for (std::uint64_t i = 4; i < 0x18; ++i) some += std::to_integer<unsigned>(bytes[i]);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    constexpr std::uint32_t special[] = {1, 5, 9, 10, 12, 13};
    if (std::ranges::find(special, partitions[i].type) == std::end(special)) continue;
    for (std::uint64_t b = 0x18 + 12 * i; b < 0x24 + 12 * i; ++b) some += std::to_integer<unsigned>(bytes[b]);
  }
  out.u8(0x0A, static_cast<std::uint8_t>(0x100U - all % 0x100U))
      .u8(0x0B, static_cast<std::uint8_t>(0x100U - some % 0x100U));
  return out.bytes();
}

// A region with a layout table: data partition, then one boot partition.
inline Buffer ifwi_region(const Buffer& data, const Buffer& boot, bool version_1_7) {
  constexpr std::uint64_t data_at = 0x1000;
  const std::uint64_t boot_at = data_at + (data.size() + 0xFFF) / 0x1000 * 0x1000;
  Canvas out(boot_at + boot.size());
  const std::uint64_t first = version_1_7 ? 0x18 : 0x10;
  out.put(0, Buffer(version_1_7 ? 0x50 : 0x48));
  out.u32(first, data_at).u32(first + 4, static_cast<std::uint32_t>(data.size()));
  out.u32(first + 8, static_cast<std::uint32_t>(boot_at)).u32(first + 12, static_cast<std::uint32_t>(boot.size()));
  if (version_1_7) {
    out.u16(0x10, 0x40);
    out.u32(0x14, crc32(Bytes(out.bytes()).subspan(0x10, 0x40)));
  } else {
    out.u64(0x40, 0x22);
  }
  out.put(data_at, data).put(boot_at, boot);
  return out.bytes();
}

// The data partition of an IFWI: $FPT at its very start.
inline Buffer data_partition(const std::vector<Placed>& partitions, std::uint16_t tool_build) {
  Buffer region = classic_region(partitions, tool_build);
  region.erase(region.begin(), region.begin() + 0x10);
  region.resize(region.size() + 0x10, std::byte{0xFF});
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const std::uint64_t at = 0x20 + i * 0x20 + 8;
    const std::uint32_t offset = ByteView(region).u32(at).value() - 0x10;
    Canvas field(4);
    field.u32(0, offset);
    std::ranges::copy(field.bytes(), region.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return region;
}

inline std::vector<File> join(std::initializer_list<std::vector<File>> lists) {
  std::vector<File> out;
  for (const auto& list : lists) out.insert(out.end(), list.begin(), list.end());
  return out;
}

inline Buffer ftpr() {
  return code_partition("FTPR",
                        join({huffman_module("kernel", pattern(0x3000, 1)), huffman_module("bup", pattern(0x2000, 2)),
                              lzma_module("vfs", pattern(0x1800, 3)), lzma_module("ish_main", pattern(0x900, 4), true),
                              plain_module("cfg", pattern(0x123, 5))}));
}

}  // namespace quell::intel::test
