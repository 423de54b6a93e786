// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/me_cleaner_report.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "intel/disable_bit.h"
#include "report/text.h"

namespace quell::compat {
namespace {

using Lines = std::back_insert_iterator<std::string>;

constexpr const char* needed = "kept, the machine needs it to start";

// First and last byte, as layout files have them.
std::string span_text(Range range) { return fmt::format("{:#x} to {:#x}", range.offset, range.end() - 1); }

void add_regions(Lines out, const flash::FlashDescriptor& descriptor) {
  fmt::format_to(out, "Regions in use:\n");
  for (const auto& region : descriptor.regions) {
    if (!region.in_use()) continue;
    fmt::format_to(out, "  {:08x}:{:08x} {}\n", region.range.offset, region.range.end() - 1, region.short_name);
  }
}

void add_disable_bit(Lines out, const flash::FlashDescriptor& descriptor, ByteView image) {
  const auto found = intel::find_disable_bits(descriptor, image, intel::firmware_facts(descriptor, image));
  for (const auto& bit : found.bits) {
    fmt::format_to(out, "ME disable bit, {}: {}\n", to_string(bit), bit.set() ? "set" : "not set");
  }
  if (found.bits.empty()) fmt::format_to(out, "ME disable bit: its place on this platform is not known for certain\n");
}

// Rows of the cleaned table; the code partition may have moved.
bool has_row(const intel::MeRegion& region, const intel::FptEntry& entry) {
  return std::ranges::any_of(region.table.entries, [&](const intel::FptEntry& other) {
    return other.name == entry.name && other.length == entry.length && other.flags == entry.flags;
  });
}

void add_partitions(Lines out, const intel::MeRegion& before, const intel::MeRegion& after) {
  fmt::format_to(out, "Partitions:\n");
  for (const auto& entry : before.table.entries) {
    const std::string name = report::printable(entry.name);
    if (!entry.has_data()) {
      fmt::format_to(out, "  {:4} (no bytes of its own): {}\n", name,
                     has_row(after, entry) ? "row kept" : "row removed");
      continue;
    }
    const Range range = entry.range(before.bytes.size());
    const bool code = entry.row_offset == before.code_partition.row_offset;
    fmt::format_to(out, "  {:4} ({}, {} bytes): {}\n", name, span_text(range), range.size,
                   !has_row(after, entry) ? "removed"
                   : code                 ? needed
                                          : "kept");
  }
  if (!after.table.checksum_valid || after.table.checksum == intel::FptChecksum::crc32) return;
  fmt::format_to(out, "Partition table: rows left {}, checksum {:#04x}\n", after.table.entries.size(),
                 after.table.checksum_byte);
}

void add_gen2_modules(Lines out, const intel::MeRegion& me) {
  for (const auto& module : me.modules->modules) {
    const char* fate = module.essential() ? needed : "removed";
    if (module.is_huffman()) {
      const auto chunks = me.llut ? me.llut->chunks_of(module) : Result<Range>(Range{});
      fmt::format_to(out, "  {:16} (Huffman, {} chunks): {}\n", module.name, chunks ? chunks->size : 0, fate);
      continue;
    }
    const Range range{me.code_offset() + module.data_offset, module.stored_size};
    const std::string place = range.empty() ? "empty" : span_text(range);
    fmt::format_to(out, "  {:16} ({}, {}): {}\n", module.name, module.compression_code() == 2 ? "LZMA" : "plain", place,
                   fate);
  }
}

void add_gen3_modules(Lines out, const intel::MeRegion& before, const intel::MeRegion& after) {
  const auto ranges = intel::stored_ranges(*before.directory, before.code_length());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto& entry = before.directory->entries.at(i);
    const Range range{before.code_offset() + ranges[i].offset, ranges[i].size};
    const Range now{after.code_offset() + ranges[i].offset, ranges[i].size};
    const bool gone = !range.empty() && after.bytes.clip(now).filled_with(std::byte{0xFF});
    fmt::format_to(out, "  {:12} ({}): {}\n", entry.name, range.empty() ? "empty" : span_text(range),
                   gone ? "removed" : "kept");
  }
}

void add_modules(Lines out, const intel::MeRegion& before, const intel::MeRegion& after) {
  fmt::format_to(out, "Modules of FTPR:\n");
  if (before.generation == intel::Generation::second && before.modules) {
    add_gen2_modules(out, before);
  } else if (before.directory) {
    add_gen3_modules(out, before, after);
  } else {
    fmt::format_to(out, "  all kept: their table is of no known kind\n");
  }
  if (after.code_offset() != before.code_offset())
    fmt::format_to(out, "FTPR moved from {:#x} to {:#x}\n", before.code_offset(), after.code_offset());
}

// Words of the descriptor that the plan touches, each once.
void add_words(Lines out, ByteView image, ByteView cleaned, const intel::CleanPlan& plan) {
  std::map<std::uint64_t, std::string> words;
  for (const Edit& edit : plan.plan.edits) {
    if (plan.descriptor.contains(edit.range)) words.emplace(edit.range.offset & ~std::uint64_t{3}, edit.reason);
  }
  for (const auto& [offset, reason] : words) {
    const auto before = image.u32(offset);
    const auto after = cleaned.u32(offset);
    if (!before || !after) continue;
    if (*before == *after) {
      fmt::format_to(out, "Descriptor {:#x}: {:#010x} already ({})\n", offset, *before, reason);
    } else {
      fmt::format_to(out, "Descriptor {:#x}: {:#010x} becomes {:#010x} ({})\n", offset, *before, *after, reason);
    }
  }
}

// Generation 1 is removed as a whole, and an Ignition region erased: nothing is left to look into.
void add_firmware(Lines out, const Firmware& before, ByteView cleaned, const intel::CleanPlan& plan,
                  const intel::CleanOptions& options) {
  const intel::MeRegion& me = *before.me;
  const bool ich = before.descriptor && before.descriptor->is_ich();
  const auto after = intel::parse_me_region(cleaned.clip(plan.me), ich);
  if (me.generation == intel::Generation::first || me.is_ignition() || !after) {
    if (!after) fmt::format_to(out, "ME region ({}): erased\n", span_text(plan.me));
    return;
  }
  add_partitions(out, me, *after);
  if (options.keep_modules) {
    fmt::format_to(out, "Modules of FTPR: all kept\n");
  } else {
    add_modules(out, me, *after);
  }
}

}  // namespace

Result<Firmware> look(ByteView image) {
  Firmware firmware;
  if (intel::find_fpt(image)) {
    QUELL_TRY(firmware.me, intel::parse_me_region(image, false));
    return firmware;
  }
  firmware.dump = true;
  QUELL_TRY(firmware.descriptor, flash::parse_descriptor(image));
  const auto* region = firmware.descriptor->me();
  if (region == nullptr || !region->in_use()) return firmware;
  QUELL_TRY(const ByteView bytes, image.sub(region->range));
  QUELL_TRY(firmware.me, intel::parse_me_region(bytes, firmware.descriptor->is_ich()));
  return firmware;
}

std::string found_text(const Firmware& firmware, ByteView image) {
  std::string text = firmware.dump ? "Full flash dump\n" : "ME/TXE/SPS region\n";
  const Lines out(text);
  if (firmware.descriptor) add_regions(out, *firmware.descriptor);
  if (!firmware.me) {
    fmt::format_to(out, "The ME region is not in use\n");
  } else {
    const intel::MeRegion& me = *firmware.me;
    const std::uint64_t start = me.bytes.origin();
    fmt::format_to(out, "$FPT at {:#x}: {} partitions\n", start + me.table.offset, me.table.entries.size());
    fmt::format_to(out, "{}: {} of the ME region, manifest at {:#x} of the file\n",
                   report::printable(me.code_partition.name), span_text({me.code_offset(), me.code_length()}),
                   start + me.manifest_offset);
    fmt::format_to(out, "{} {} (generation {}), {}\n", me.family(), to_string(me.manifest.version),
                   static_cast<int>(me.generation), signer_text(me.key, verify_signature(me.manifest)));
  }
  if (firmware.descriptor) add_disable_bit(out, *firmware.descriptor, image);
  return text;
}

std::string result_text(const Firmware& before, ByteView image, ByteView cleaned, const intel::CleanPlan& plan,
                        const intel::CleanOptions& options) {
  std::string text;
  const Lines out(text);
  if (before.me && options.strip) add_firmware(out, before, cleaned, plan, options);
  add_words(out, image, cleaned, plan);
  if (plan.minimum_size) {
    fmt::format_to(out, "The ME region could shrink to {} bytes ({:#x})\n", *plan.minimum_size, *plan.minimum_size);
    if (before.dump) {
      const Range smallest{plan.me.offset, *plan.minimum_size};
      fmt::format_to(out, "Layout line for that size:\n  {:08x}:{:08x} me\n", smallest.offset, smallest.end() - 1);
    }
  }
  if (plan.signature_checked) fmt::format_to(out, "Signature of FTPR in the result: valid\n");
  return text;
}

}  // namespace quell::compat
