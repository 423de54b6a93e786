// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/me_region.h"

#include <algorithm>

#include <fmt/format.h>

namespace quell::intel {
namespace {

Result<FptEntry> find_code_partition(const FlashPartitionTable& table, std::uint64_t origin) {
  const auto found = std::ranges::find_if(
      table.entries, [](const FptEntry& entry) { return entry.name == "CODE" || entry.name == "FTPR"; });
  if (found == table.entries.end()) {
    return fail(Errc::damaged, "the partition table names no code partition (CODE or FTPR)", origin + table.offset);
  }
  return *found;
}

// The manifest of a generation 3 partition is its directory's entry `FTPR.man`.
Result<std::uint64_t> directory_manifest(const CodeDirectory& directory) {
  const CodeDirectoryEntry* entry = directory.find("FTPR.man");
  if (entry == nullptr) {
    return fail(Errc::damaged, "the code partition has no FTPR.man", directory.bytes.origin());
  }
  return entry->offset & 0xFFFFFFU;
}

Product product_of(const MeRegion& region) {
  const std::string& product = region.key.product;
  if (product.find("SPS") != std::string::npos) return Product::sps;
  if (product.find("TXE") != std::string::npos && product.find("ME/") == std::string::npos) return Product::txe;
  if (region.key.known && product.find("ME") != std::string::npos && product.find('/') == std::string::npos) {
    return Product::me;
  }
  // TXE numbering starts over at 0, so a low number after generation 1 is TXE.
  return region.generation == Generation::first || region.manifest.version.major >= 6 ? Product::me : Product::txe;
}

void read_gen2_modules(MeRegion& region) {
  auto table =
      parse_gen2_modules(region.bytes, region.code_offset() + gen2_headers_offset, region.manifest.module_count);
  if (!table) {
    region.module_error = std::move(table).error();
    return;
  }
  region.modules = *std::move(table);
  const auto huffman = std::ranges::find_if(region.modules->modules, &Gen2Module::is_huffman);
  if (huffman == region.modules->modules.end()) return;
  auto llut = parse_llut(region.bytes, region.code_offset() + huffman->data_offset);
  if (llut) {
    region.llut = *std::move(llut);
  } else {
    region.module_error = std::move(llut).error();
  }
}

}  // namespace

bool MeRegion::is_ignition() const {
  if (generation != Generation::second || product != Product::me || manifest.version.major != 6) return false;
  const std::uint64_t sku = code_offset() + gen2_headers_offset + (std::uint64_t{manifest.module_count} + 1) * 0x60;
  return bytes.matches(sku, "$SKU") && bytes.u32(sku + 8).value_or(1) == 0;
}

std::string_view MeRegion::family() const noexcept {
  const bool cse = generation == Generation::third;
  switch (product) {
    case Product::me: return cse ? "CSE ME" : "ME";
    case Product::txe: return cse ? "CSE TXE" : "TXE";
    case Product::sps: return cse ? "CSE SPS" : "SPS";
  }
  return "ME";
}

Result<MeRegion> parse_me_region(ByteView region, bool ich_descriptor, Signatures signatures) {
  const auto table_offset = find_fpt(region);
  if (!table_offset)
    return fail(Errc::unrecognised, "no $FPT partition table at 0x0 or 0x10 of the ME region", region.origin());
  MeRegion me;
  me.bytes = region;
  me.signatures = std::move(signatures);
  QUELL_TRY(me.table, parse_fpt(region, *table_offset));
  QUELL_TRY(me.code_partition, find_code_partition(me.table, region.origin()));
  const ByteView code = region.clip(Range::between(me.code_offset(), region.size()));

  const bool first = ich_descriptor || me.code_partition.name == "CODE";
  me.generation = first ? Generation::first : Generation::second;
  if (code.matches(0, "$CPD")) {
    me.generation = Generation::third;
    QUELL_TRY(me.directory, parse_code_directory(code));
    QUELL_TRY(const auto offset, directory_manifest(*me.directory));
    me.manifest_offset = me.code_offset() + offset;
  } else {
    me.manifest_offset = me.code_offset();
  }
  const std::string_view tag = me.generation == Generation::first ? "$MAN" : "$MN2";
  if (!region.matches(me.manifest_offset + Manifest::tag_offset, tag)) {
    return fail(Errc::damaged, fmt::format("the {} partition has no {} manifest", me.code_partition.name, tag),
                region.origin() + me.manifest_offset);
  }
  QUELL_TRY(const auto from_manifest, region.from(me.manifest_offset));
  QUELL_TRY(me.manifest, parse_manifest(from_manifest));
  me.key = identify_key(me.manifest);
  me.product = product_of(me);
  if (me.generation == Generation::second) read_gen2_modules(me);
  return me;
}

}  // namespace quell::intel
