// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "intel/cse/report.h"
#include "intel/region_report.h"

namespace quell::intel {
namespace {

// What `check` counts: a digest matches, does not, or was not there to be compared.
std::string digest_text(Integrity integrity) {
  switch (integrity) {
    case Integrity::verified: return "matches";
    case Integrity::failed: return "mismatch";
    default: return std::string(to_string(integrity));
  }
}

std::string_view to_string(ModuleCompression compression) {
  switch (compression) {
    case ModuleCompression::none: return "none";
    case ModuleCompression::huffman: return "huffman";
    case ModuleCompression::lzma: return "lzma";
  }
  return "unknown";
}

std::vector<std::string> extension_titles(const ExtensionList& extensions) {
  std::vector<std::string> out;
  for (const Extension& extension : extensions.all) {
    constexpr std::size_t most = 64;
    if (out.size() == most) break;
    out.push_back(extension_title(extension.tag));
  }
  return out;
}

Component key_list(const CseKeyManifest& keys) {
  Component out{"key-manifest", keys.type == 1 ? "root of trust" : "OEM keys"};
  out.attributes.set("security_version", std::uint64_t{keys.security_version});
  out.attributes.set("key_id", std::uint64_t{keys.key_id});
  for (const ListedKey& key : keys.keys) {
    Component one{"key", to_hex(key.digest)};
    std::vector<std::string> roles;
    for (const unsigned role : key.roles) roles.push_back(key_role_title(role));
    one.attributes.set("roles", roles);
    out.children.push_back(std::move(one));
  }
  return out;
}

Check digest_check(Question question, Integrity integrity, std::string subject, Range range,
                   const std::string& reason) {
  Check check{.question = question, .subject = std::move(subject), .range = range};
  switch (integrity) {
    case Integrity::verified: check.state = CheckState::held; break;
    case Integrity::failed: check.state = CheckState::failed; break;
    case Integrity::unsigned_part: check.state = CheckState::absent; break;
    case Integrity::not_checked:
    case Integrity::uncheckable: check.state = CheckState::not_checked; break;
  }
  if (integrity == Integrity::verified) {
    check.algorithm = reason;
  } else {
    check.reason = reason.empty() ? std::string(to_string(integrity)) : reason;
  }
  return check;
}

// A checksum of a table, if this version of the table has one.
void add_checksum(Component& table, ChecksumState state, std::string subject) {
  if (state == ChecksumState::none) return;
  Check check{.question = Question::checksums,
              .state = check_state(state == ChecksumState::valid),
              .subject = std::move(subject),
              .range = table.range};
  if (state == ChecksumState::placeholder) check.state = CheckState::absent;
  if (state != ChecksumState::valid) check.reason = to_string(state);
  table.checks.push_back(std::move(check));
}

// Of the pages or chunks of the engine's file system; `tally` says how many were compared.
void add_tally(Component& volume, const MfsTally& tally, std::string subject, std::string algorithm) {
  if (tally.checked == 0) return;
  const bool right = tally.wrong == 0;
  volume.checks.push_back({.question = Question::checksums,
                           .state = check_state(right),
                           .subject = std::move(subject),
                           .range = volume.range,
                           .reason = right ? "" : fmt::format("{} of {} are wrong", tally.wrong, tally.checked),
                           .algorithm = std::move(algorithm)});
}

Component describe_module(const CseModule& module, bool verified) {
  const bool metadata = module.kind == CseModule::Kind::metadata;
  Component out{metadata                              ? "metadata"
                : module.kind == CseModule::Kind::key ? "key-manifest"
                                                      : "module",
                module.name, module.stored};
  if (module.kind == CseModule::Kind::module) {
    out.attributes.set("compression", std::string(to_string(module.compression)));
    out.attributes.set("unpacked_size", module.unpacked_size, Show::size);
    if (module.encrypted) out.attributes.set("encrypted", true);
  } else {
    out.attributes.set("extensions", extension_titles(module.extensions));
  }
  if (verified) {
    out.attributes.set("digest", digest_text(module.integrity));
    if (!module.reason.empty()) out.attributes.set("verified_by_or_why_not", module.reason);
    const bool key = module.kind == CseModule::Kind::key;
    out.checks.push_back(digest_check(key ? Question::signatures : Question::digests, module.integrity,
                                      key        ? "key manifest"
                                      : metadata ? "metadata digest"
                                                 : "module digest",
                                      module.stored, module.reason));
  }
  if (module.unknown_symbols != 0) out.attributes.set("unknown_symbols", module.unknown_symbols);
  if (module.extensions.keys) out.children.push_back(key_list(*module.extensions.keys));
  return out;
}

Component describe_partition_manifest(const CsePartition& partition) {
  const std::string name = partition.name + ".man";
  Component out = describe_manifest(*partition.manifest, partition.signature, name);
  out.attributes.set("security_version", std::uint64_t{partition.manifest->security_version});
  out.attributes.set("production_ready", (partition.manifest->flags & 1U) != 0);
  if (partition.pss_salt) out.attributes.set("pss_salt", *partition.pss_salt);
  if (partition.extensions.package) {
    out.attributes.set("version_control_number", std::uint64_t{partition.extensions.package->version_control_number});
  }
  if (partition.listed_key) out.attributes.set("key_listed_in_image", *partition.listed_key);
  out.attributes.set("extensions", extension_titles(partition.extensions));
  if (partition.extensions.keys) out.children.push_back(key_list(*partition.extensions.keys));
  return out;
}

Component describe_partition(const CsePartition& partition, bool verified) {
  Component out{"partition", partition.name, partition.bytes.range()};
  if (!partition.container.empty()) out.attributes.set("listed_in", partition.container);
  if (!partition.listed_as.empty() && partition.listed_as != partition.name) {
    out.attributes.set("listed_as", partition.listed_as);
  }
  out.attributes.set("directory_version", std::uint64_t{partition.directory.header_version});
  out.attributes.set("directory_checksum_valid", partition.directory.checksum_valid);
  out.checks.push_back(directory_check(partition.directory));
  if (verified) {
    out.attributes.set("partition_digest", digest_text(partition.digest));
    if (!partition.digest_reason.empty()) out.attributes.set("partition_digest_why", partition.digest_reason);
    out.checks.push_back(digest_check(Question::digests, partition.digest, "partition digest", partition.bytes.range(),
                                      partition.digest_reason));
  }
  if (partition.manifest) out.children.push_back(describe_partition_manifest(partition));
  for (const CseModule& module : partition.modules) {
    if (module.kind == CseModule::Kind::manifest && partition.manifest) continue;
    out.children.push_back(describe_module(module, verified));
  }
  return out;
}

Component describe_volume(const MfsVolume& mfs) {
  Component out{"file-system", "MFS", mfs.bytes.range()};
  out.attributes.set("pages", mfs.pages);
  out.attributes.set("page_checksums", std::string(mfs.page_checksums.wrong == 0 ? "valid" : "invalid"));
  out.attributes.set("chunk_checksums", std::string(mfs.chunk_checksums.wrong == 0 ? "valid" : "invalid"));
  add_tally(out, mfs.page_checksums, "page checksums", "CRC-8");
  add_tally(out, mfs.chunk_checksums, "chunk checksums", "CRC-16");
  out.attributes.set("chunks_in_use", mfs.chunk_checksums.checked + mfs.chunk_checksums.not_stored);
  if (mfs.chunk_checksums.not_stored != 0)
    out.attributes.set("chunk_checksums_not_stored", mfs.chunk_checksums.not_stored);
  out.attributes.set("volume", mfs.initialised);
  if (!mfs.initialised) return out;
  out.attributes.set("volume_size", mfs.volume_size, Show::size);
  out.attributes.set("home_directory", mfs.find(mfs_home_directory) != nullptr);
  for (const MfsFile& file : mfs.files) {
    Component one{"file", fmt::format("{:04d} {}", file.number, mfs_file_title(file.number))};
    one.attributes.set("size", file.size, Show::size);
    if (file.damaged) one.attributes.set("damaged", true);
    out.children.push_back(std::move(one));
  }
  return out;
}

Component describe_layout(const CseImage& image) {
  const std::uint64_t origin = image.bytes.origin();
  const LayoutTable& layout = *image.layout;
  Component out{"layout-table",
                layout.version_1_7 ? "CSE layout table 1.7" : "CSE layout table 1.6",
                {origin + layout.range.offset, layout.range.size}};
  out.attributes.set("checksum", std::string(to_string(layout.checksum)));
  add_checksum(out, layout.checksum, "layout table checksum");
  if (layout.redundant) out.attributes.set("redundant", true);
  for (const LayoutPart& part : layout.parts) {
    const Range inside = part.range.intersection({0, image.bytes.size()});
    out.children.push_back({"area", std::string(part.name), {origin + inside.offset, inside.size}});
  }
  return out;
}

Component describe_boot_table(const CseImage& image, const Bpdt& table) {
  Component out{"boot-partition-table",
                table.recovery ? "BPDT (recovery)" : "BPDT",
                {image.bytes.origin() + table.range.offset, table.range.size}};
  out.attributes.set("version", std::uint64_t{table.version});
  out.attributes.set("checksum", std::string(to_string(table.checksum)));
  add_checksum(out, table.checksum, "boot partition table checksum");
  out.attributes.set("entries", std::uint64_t{table.entries.size()});
  return out;
}

}  // namespace

Component describe(const CseImage& image) {
  const std::uint64_t origin = image.bytes.origin();
  Component root{"cse-firmware", fmt::format("{} ({})", to_string(image.family), to_string(image.container)),
                 image.bytes.range()};
  if (image.layout) root.children.push_back(describe_layout(image));
  if (image.table) {
    const Range range{image.data_partition.origin() + image.table->range.offset, image.table->range.size};
    Component table{"partition-table", "$FPT", range};
    table.attributes.set("version", std::uint64_t{image.table->version}, Show::hex);
    table.attributes.set("entries", std::uint64_t{image.table->entries.size()});
    table.attributes.set("checksum_valid", image.table->checksum_valid);
    table.checks.push_back(table_check(*image.table, range));
    root.children.push_back(std::move(table));
  }
  for (const Bpdt& table : image.boot_tables) root.children.push_back(describe_boot_table(image, table));
  for (const CsePartition& partition : image.partitions) {
    root.children.push_back(describe_partition(partition, image.verified));
  }
  for (const CseDataPartition& data : image.data) {
    const Range inside = data.range.intersection({0, image.bytes.size()});
    Component one{"partition", data.name, {origin + inside.offset, inside.size}};
    one.attributes.set("listed_in", data.container);
    one.attributes.set("type", "data");
    if (data.blank) one.attributes.set("erased", true);
    if (inside.size < data.range.size) one.attributes.set("beyond_region", true);
    if (data.name == "MFS" && image.mfs) one.children.push_back(describe_volume(*image.mfs));
    root.children.push_back(std::move(one));
  }
  return root;
}

}  // namespace quell::intel
