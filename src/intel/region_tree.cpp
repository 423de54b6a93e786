// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "intel/region_report.h"

namespace quell::intel {
namespace {

std::string_view compression_name(unsigned code) {
  constexpr std::array<std::string_view, 3> names{"none", "huffman", "lzma"};
  return code < names.size() ? names[code] : "undefined";
}

// Image range of a range in ME offsets; clipped, so that the tree never points outside.
Range in_image(const MeRegion& me, Range range) {
  const Range part = range.intersection({0, me.bytes.size()});
  return {me.bytes.origin() + part.offset, part.size};
}

void note_if_blank(Component& component, const MeRegion& me, Range range) {
  const ByteView bytes = me.bytes.clip(range);
  if (bytes.filled_with(std::byte{0xFF})) component.attributes.set("erased", true);
}

Component gen2_module(const MeRegion& me, const Gen2Module& module) {
  Component out{"module", module.name};
  out.attributes.set("compression", std::string(compression_name(module.compression_code())));
  out.attributes.set("essential", module.essential());
  out.attributes.set("unpacked_size", std::uint64_t{module.code_size}, Show::size);
  if (!module.is_huffman()) {
    const Range range{me.code_offset() + module.data_offset, module.stored_size};
    out.range = in_image(me, range);
    note_if_blank(out, me, range);
  } else if (me.llut) {
    const auto chunks = me.llut->chunks_of(module);
    if (chunks) out.attributes.set("chunks", chunks->size);
  }
  return out;
}

Component llut_component(const MeRegion& me) {
  const Llut& llut = *me.llut;
  Component out{"chunk-table", "LLUT", in_image(me, {llut.offset, Llut::header_size + 4 * llut.entries.size()})};
  out.attributes.set("chunks", std::uint64_t{llut.entries.size()});
  out.attributes.set("chunk_size", std::uint64_t{llut.chunk_size}, Show::size);
  out.attributes.set("stream_offset", std::uint64_t{llut.stream_offset}, Show::hex);
  out.attributes.set("stream_length", std::uint64_t{llut.stream_length}, Show::size);
  return out;
}

bool essential_gen3(std::string_view name) {
  constexpr std::array<std::string_view, 4> prefixes{"rbe", "kernel", "syslib", "bup"};
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// Directory, manifest and modules of a partition that begins with $CPD.
void add_directory(Component& partition, const MeRegion& me, Range range, bool is_code) {
  const auto directory = parse_code_directory(me.bytes.clip(range));
  if (!directory) return;
  partition.attributes.set("directory_checksum_valid", directory->checksum_valid);
  partition.checks.push_back(directory_check(*directory));
  const auto ranges = stored_ranges(*directory, range.size);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const CodeDirectoryEntry& entry = directory->entries[i];
    const Range place{range.offset + ranges[i].offset, ranges[i].size};
    if (entry.is_manifest()) {
      if (const auto manifest = parse_manifest(me.bytes.clip(place))) {
        partition.children.push_back(describe_manifest(*manifest, me.signatures.of(*manifest), entry.name));
        continue;
      }
    }
    Component module{entry.is_metadata() ? "metadata" : "module", entry.name, in_image(me, place)};
    if (!entry.is_metadata()) {
      module.attributes.set("huffman", entry.huffman);
      module.attributes.set("unpacked_size", std::uint64_t{entry.size}, Show::size);
      if (is_code) module.attributes.set("essential", essential_gen3(entry.name));
      note_if_blank(module, me, place);
    }
    partition.children.push_back(std::move(module));
  }
}

Component describe_partition(const MeRegion& me, const FptEntry& entry) {
  constexpr std::array<std::string_view, 6> types{"code", "data", "nvram", "generic", "effs", "rom"};
  const Range range = entry.has_data() ? entry.range(me.bytes.size()) : Range{};
  Component out{"partition", entry.name, entry.has_data() ? in_image(me, range) : Range{}};
  out.attributes.set("type", std::string(entry.type() < types.size() ? types[entry.type()] : "unknown"));
  if (!entry.has_data()) {
    out.attributes.set("has_data", false);
    return out;
  }
  const bool is_code = entry.row_offset == me.code_partition.row_offset;
  if (is_code) out.attributes.set("essential", true);
  if (range.end() > me.bytes.size()) out.attributes.set("beyond_region", true);
  note_if_blank(out, me, range);
  const ByteView bytes = me.bytes.clip(range);
  if (bytes.matches(0, "$CPD")) {
    add_directory(out, me, range, is_code);
  } else if (const auto manifest = parse_manifest(bytes)) {
    out.children.push_back(describe_manifest(*manifest, me.signatures.of(*manifest), entry.name + " manifest"));
  }
  if (is_code && me.modules) {
    if (me.llut) out.children.push_back(llut_component(me));
    for (const Gen2Module& module : me.modules->modules) out.children.push_back(gen2_module(me, module));
  }
  return out;
}

}  // namespace

Check directory_check(const CodeDirectory& directory) {
  const bool right = directory.checksum_valid;
  return {.question = Question::checksums,
          .state = check_state(right),
          .subject = "directory checksum",
          .range = directory.bytes.clip({0, directory.table_size()}).range(),
          .reason = right ? "" : "another value is stored than the directory gives",
          .algorithm = directory.header_version == 1 ? "8-bit sum" : "CRC-32"};
}

Check table_check(const FlashPartitionTable& table, Range range) {
  Check check{.question = Question::checksums,
              .state = check_state(table.checksum_valid),
              .subject = "partition table checksum",
              .range = range};
  if (table.checksum_placeholder) {
    check.state = CheckState::absent;
    check.reason = "it is the placeholder 0, as extraction tools leave it";
  } else if (!table.checksum_valid) {
    check.reason = "another value is stored than the table gives";
  }
  return check;
}

Component describe_manifest(const Manifest& manifest, SignatureState state, const std::string& name) {
  Component out{"manifest", name, manifest.bytes.range()};
  out.attributes.set("version", to_string(manifest.version));
  out.attributes.set("date", manifest.date_text());
  out.attributes.set("signature", std::string(to_string(state)));
  out.attributes.set("signer", signer_text(identify_key(manifest), state));
  out.attributes.set("key_bits", std::uint64_t{manifest.key_size * 8});
  out.attributes.set("key_md5", to_hex(key_identifier(manifest)));
  out.checks.push_back({.question = Question::signatures,
                        .state = as_check(state),
                        .subject = "manifest signature",
                        .range = manifest.bytes.range(),
                        .reason = state == SignatureState::valid   ? ""
                                  : state == SignatureState::empty ? "the manifest is not signed"
                                  : state == SignatureState::unverified
                                      ? "this kind of signature is known in outline only"
                                      : "the bytes that were signed are not these",
                        .algorithm = fmt::format("RSA-{}", manifest.key_size * 8)});
  return out;
}

Component describe(const MeRegion& me) {
  Component root{"me-region", std::string(me.family()) + " region", me.bytes.range()};
  Component table{"partition-table", "$FPT", in_image(me, me.table.range)};
  table.attributes.set("version", std::uint64_t{me.table.version}, Show::hex);
  table.attributes.set("entries", std::uint64_t{me.table.entries.size()});
  table.attributes.set("checksum_valid", me.table.checksum_valid);
  table.checks.push_back(table_check(me.table, table.range));
  root.children.push_back(std::move(table));
  for (const FptEntry& entry : me.table.entries) root.children.push_back(describe_partition(me, entry));
  return root;
}

}  // namespace quell::intel
