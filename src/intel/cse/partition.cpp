// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/cse/partition.h"

#include <algorithm>
#include <map>

#include "intel/cse/lzma.h"
#include "quell/digest.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t rsa_3072 = 0x180;
constexpr std::uint64_t most_entries = 256;

void read_manifest(CsePartition& partition, const Signatures& signatures) {
  const auto entry = std::ranges::find_if(partition.directory.entries, &CodeDirectoryEntry::is_manifest);
  if (entry == partition.directory.entries.end()) return;
  const ByteView at = partition.bytes.clip(Range::between(entry->offset, partition.bytes.size()));
  auto manifest = parse_manifest(at);
  if (!manifest) return;
  partition.manifest_offset = entry->offset;
  partition.signature = signatures.of(*manifest);
  partition.key = identify_key(*manifest);
  partition.extensions = parse_extensions(*manifest);
  partition.manifest = *std::move(manifest);
}

CseModule::Kind kind_of(std::string_view name) {
  if (name.ends_with(".man")) return CseModule::Kind::manifest;
  if (name.ends_with(".met")) return CseModule::Kind::metadata;
  if (name.ends_with(".key")) return CseModule::Kind::key;
  return CseModule::Kind::module;
}

// A directory's sizes are those of unpacked content; only what is neither Huffman nor LZMA is stored in that many
// bytes.
Range stored_range(const CsePartition& partition, std::size_t index, std::uint64_t size) {
  const Range extent = partition.extents[index];
  const Range place = Range{extent.offset, size}.intersection({0, partition.bytes.size()});
  return {partition.bytes.origin() + (place.empty() ? extent.offset : place.offset), place.size};
}

void read_modules(CsePartition& partition) {
  const auto& entries = partition.directory.entries;
  const std::uint64_t digest_size = partition.manifest && partition.manifest->key_size >= rsa_3072 ? 48 : 32;
  std::map<std::string, std::size_t, std::less<>> by_name;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    CseModule module{.name = entries[i].name, .kind = kind_of(entries[i].name)};
    module.unpacked_size = entries[i].size;
    module.compression = entries[i].huffman ? ModuleCompression::huffman : ModuleCompression::none;
    module.stored = entries[i].huffman
                        ? Range{partition.bytes.origin() + partition.extents[i].offset, partition.extents[i].size}
                        : stored_range(partition, i, entries[i].size);
    const ByteView bytes = partition.bytes.clip({module.stored.offset - partition.bytes.origin(), module.stored.size});
    if (module.kind == CseModule::Kind::metadata) module.extensions = parse_extensions(bytes, digest_size);
    if (module.kind == CseModule::Kind::key) {
      if (const auto manifest = find_key_manifest(bytes)) module.extensions = parse_extensions(*manifest);
    }
    const std::uint64_t least = entries[i].huffman ? std::min<std::uint64_t>(entries[i].size, 1) : entries[i].size;
    module.cut_off = !partition.bytes.has(entries[i].offset, least);
    by_name.emplace(module.name, partition.modules.size());
    partition.modules.push_back(std::move(module));
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    CseModule& module = partition.modules[i];
    if (module.kind != CseModule::Kind::module) continue;
    if (module.compression == ModuleCompression::none && looks_like_lzma(partition.bytes.clip(partition.extents[i]))) {
      module.compression = ModuleCompression::lzma;
    }
    const auto found = by_name.find(module.name + ".met");
    if (found == by_name.end()) continue;
    const auto& attributes = partition.modules[found->second].extensions.module;
    if (!attributes) continue;
    module.has_metadata = true;
    module.encrypted = attributes->encryption != 0;
    module.compression = static_cast<ModuleCompression>(std::min<std::uint8_t>(attributes->compression, 3));
    module.unpacked_size = attributes->unpacked_size;
    module.digest = attributes->digest;
    module.stored = stored_range(partition, i, attributes->stored_size);
    module.cut_off = !partition.bytes.has(entries[i].offset, attributes->stored_size);
  }
}

// The key as key manifests name it: the modulus and the four bytes of the exponent, both as stored.
Buffer key_digest(const Manifest& manifest, std::uint64_t digest_size) {
  const Bytes blob = manifest.bytes.clip({0x80, manifest.key_size + 4}).bytes();
  return hash(digest_size == 48 ? HashAlgorithm::sha384 : HashAlgorithm::sha256, blob);
}

bool accepts(const CseKeyManifest& keys, const Manifest& manifest, const std::vector<unsigned>& roles) {
  return std::ranges::any_of(keys.keys, [&](const ListedKey& key) {
    const bool role = std::ranges::any_of(
        roles, [&](unsigned wanted) { return std::ranges::find(key.roles, wanted) != key.roles.end(); });
    return role && equal(key_digest(manifest, key.digest.size()), key.digest);
  });
}

}  // namespace

std::optional<Manifest> find_key_manifest(ByteView module) {
  constexpr std::uint64_t most_header = 0x80;
  for (std::uint64_t at = 0; at <= most_header && at < module.size(); at += 4) {
    const ByteView from = module.clip(Range::between(at, module.size()));
    if (!looks_like_manifest(from)) continue;
    if (auto manifest = parse_manifest(from)) return *std::move(manifest);
  }
  return std::nullopt;
}

bool looks_like_code_partition(ByteView bytes) noexcept {
  const auto count = bytes.u32(0x04);
  const auto version = bytes.u8(0x08);
  const auto entry_version = bytes.u8(0x09);
  const auto header = bytes.u8(0x0A);
  return bytes.matches(0, "$CPD") && count && *count < most_entries && version && entry_version == 1 && header &&
         ((*version == 1 && *header == 0x10) || (*version == 2 && *header == 0x14));
}

Result<CsePartition> read_partition(ByteView bytes, const Signatures& signatures) {
  const auto count = bytes.u32(4);
  if (!count || *count >= most_entries) {
    return fail(Errc::damaged, "a code partition directory claims more entries than any has", bytes.origin());
  }
  CsePartition partition;
  partition.bytes = bytes;
  QUELL_TRY(partition.directory, parse_code_directory(bytes));
  partition.name = partition.directory.partition_name;
  partition.extents = stored_ranges(partition.directory, bytes.size());
  read_manifest(partition, signatures);
  read_modules(partition);
  return partition;
}

void check_key_roles(CseImage& image) {
  std::vector<const CseKeyManifest*> manifests;
  for (const CsePartition& partition : image.partitions) {
    if (partition.extensions.keys) manifests.push_back(&*partition.extensions.keys);
    for (const CseModule& module : partition.modules) {
      if (module.kind == CseModule::Kind::key && module.extensions.keys) manifests.push_back(&*module.extensions.keys);
    }
  }
  const bool intel_chain = std::ranges::any_of(manifests, [](const CseKeyManifest* keys) { return keys->type == 1; });
  for (CsePartition& partition : image.partitions) {
    const std::vector<unsigned> roles = key_roles_of(partition.name);
    if (!intel_chain || roles.empty() || !partition.manifest || partition.signature != SignatureState::valid) continue;
    partition.listed_key = std::ranges::any_of(
        manifests, [&](const CseKeyManifest* keys) { return accepts(*keys, *partition.manifest, roles); });
  }
}

}  // namespace quell::intel
