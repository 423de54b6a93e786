// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/describe.h"

#include <algorithm>

#include <fmt/format.h>

#include "amd/read_directory.h"

namespace quell::amd {
namespace {

// The smallest range with both in it.
Range hull(Range a, Range b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return Range::between(std::min(a.offset, b.offset), std::max(a.end(), b.end()));
}

Component describe_efs(const Efs& efs) {
  Component out{.kind = "efs", .name = "Embedded Firmware Structure", .range = {efs.offset, efs_size}};
  Attributes& a = out.attributes;
  a.set("offset", efs.offset, Show::hex);
  a.set("x86_address", efs.x86_address(), Show::hex);
  a.set("second_generation", efs.second_generation());
  a.set("preferred", efs.preferred);
  a.set("summary", fmt::format("{} generation, seen by the processor at {:#x}",
                               efs.second_generation() ? "second" : "first", efs.x86_address()));
  for (const EfsField& field : efs.fields) a.set(field.type->name, std::uint64_t{field.value}, Show::hex);
  return out;
}

void describe_slot_header(const SlotHeader& header, Attributes& a) {
  a.set("ish_boot_priority", std::uint64_t{header.boot_priority}, Show::hex);
  a.set("ish_update_retry_count", std::uint64_t{header.update_retry_count});
  a.set("ish_glitch_retry_count", std::uint64_t{header.glitch_retry_count});
  a.set("ish_l2_location", std::uint64_t{header.level2_location}, Show::hex);
  a.set("ish_psp_id", std::uint64_t{header.psp_id}, Show::hex);
  a.set("ish_slot_max_size", std::uint64_t{header.slot_max_size}, Show::hex);
  const std::string_view platform = platform_of(header.psp_id);
  if (!platform.empty()) a.set("platform", std::string(platform));
}

void describe_info(const AdditionalInfo& info, Attributes& a) {
  a.set("additional_info_raw", std::uint64_t{info.raw}, Show::hex);
  a.set("additional_info_version", std::uint64_t{info.version});
  a.set("additional_info_dir_size", info.directory_size, Show::hex);
  a.set("additional_info_spi_block_field", std::uint64_t{info.spi_block_field});
  if (info.version == 0) {
    a.set("additional_info_base_address", info.base_address, Show::hex);
  } else {
    a.set("additional_info_header_size", info.header_size, Show::hex);
  }
  a.set("additional_info_address_mode", std::uint64_t{static_cast<unsigned>(info.mode)});
}

Component describe_combo_entry(const Directory& directory, const ComboEntry& entry, std::uint64_t index) {
  Component out{.kind = "combo-entry",
                .name = std::string(platform_of(entry.id)),
                .range = {directory.offset + 0x20 + index * 0x10, 0x10}};
  if (out.name.empty()) out.name = fmt::format("0x{:08x}", entry.id);
  Attributes& a = out.attributes;
  a.set("index", index);
  a.set("id_select", std::string(entry.id_select == 0 ? "psp-id" : "chip-family-id"));
  a.set("id", std::uint64_t{entry.id}, Show::hex);
  a.set("address", entry.address, Show::hex);
  a.set("target", entry.target, Show::hex);
  return out;
}

std::string summary_of(const Directory& directory) {
  const std::string_view checksum = !directory.checksum.computed ? "checksum cannot be computed"
                                    : directory.checksum.valid() ? "checksum right"
                                                                 : "checksum wrong";
  if (!directory.slot_header) return fmt::format("{} at {}, {}", directory.magic, hex32(directory.offset), checksum);
  return fmt::format("leads to 0x{:x}, priority {:#x}, {}", directory.slot_header->level2_location,
                     directory.slot_header->boot_priority, checksum);
}

void describe_header(const Directory& directory, Attributes& a) {
  a.set("summary", summary_of(directory));
  a.set("offset", directory.offset, Show::hex);
  if (!directory.magic.empty()) a.set("magic", std::string(directory.magic));
  a.set("kind", std::string(to_string(directory.kind)));
  a.set("level", std::uint64_t{directory.level});
  if (directory.slot != 0) a.set("slot", std::string(1, directory.slot));
  if (directory.combo_id) {
    a.set("combo_id", std::uint64_t{*directory.combo_id}, Show::hex);
    const std::string_view platform = platform_of(*directory.combo_id);
    if (!platform.empty()) a.set("platform", std::string(platform));
  }
  a.set("referenced_by", directory.referenced_by);
  if (!directory.slot_header) a.set("count", std::uint64_t{directory.count});
  a.set("checksum_stored", std::uint64_t{directory.checksum.stored}, Show::hex);
  if (directory.checksum.computed) {
    a.set("checksum_computed", std::uint64_t{*directory.checksum.computed}, Show::hex);
    a.set("checksum_valid", directory.checksum.valid());
  } else {
    a.set("checksum_computed", Unknown{});
    a.set("checksum_valid", Unknown{});
  }
}

Check checksum_check(const Directory& directory) {
  const Checksum& checksum = directory.checksum;
  return {.question = Question::checksums,
          .state = checksum.computed ? check_state(checksum.valid()) : CheckState::not_checked,
          .subject = directory.slot_header ? "slot header checksum" : "directory checksum",
          .range = directory.table(),
          .reason = !checksum.computed ? "not all of its bytes can be told"
                    : checksum.valid() ? ""
                                       : fmt::format("{} would be right", hex32(*checksum.computed)),
          .algorithm = "Fletcher-32",
          .stored = hex32(checksum.stored)};
}

Component describe_directory(const Rom& rom, const Directory& directory) {
  Component out{.kind = "directory", .name = directory.title(), .range = directory.table()};
  describe_header(directory, out.attributes);
  out.checks.push_back(checksum_check(directory));
  if (directory.slot_header) {
    describe_slot_header(*directory.slot_header, out.attributes);
  } else if (directory.combo()) {
    out.attributes.set("lookup_mode", std::uint64_t{directory.lookup_mode});
  } else {
    describe_info(directory.info, out.attributes);
  }
  const Range own{directory.offset, directory.info.directory_size};
  for (std::size_t i = 0; i < directory.combo_entries.size(); ++i) {
    out.children.push_back(describe_combo_entry(directory, directory.combo_entries[i], i));
  }
  for (const Entry& entry : directory.entries) {
    out.children.push_back(describe_entry(rom, entry));
    // The directory reaches over the entries that it was built with; data areas elsewhere do not count.
    if (own.contains(out.children.back().range)) out.range = hull(out.range, out.children.back().range);
  }
  return out;
}

Component describe_key(const Key& key) {
  Component out{.kind = "key", .name = to_hex(key.id)};
  Attributes& a = out.attributes;
  const std::string_view signs = key_usage(key.usage);
  a.set("summary", fmt::format("{} bits, trust {}, in {}{}{}", key.bits, to_string(key.trust), key.container,
                               signs.empty() ? "" : ", signs ", signs));
  a.set("key_id", to_hex(key.id));
  a.set("form", std::string(to_string(key.form)));
  a.set("bits", key.bits);
  a.set("usage", std::uint64_t{key.usage});
  a.set("location", key.location, Show::hex);
  a.set("container", key.container);
  a.set("trust", std::string(to_string(key.trust)));
  a.set("modulus_sha256", to_hex(key.modulus_sha256));
  if (key.certifying_id) a.set("certifying_id", to_hex(*key.certifying_id));
  if (key.record_byte) a.set("record_byte_4f", std::uint64_t{*key.record_byte});
  if (!signs.empty()) a.set("signs", std::string(signs));
  return out;
}

std::vector<std::string> notes_of(const Rom& rom) {
  std::vector<std::string> notes;
  for (const EfsField& field : rom.efs.fields) {
    if (field.type->pointer != EfsPointer::firmware || !field.set()) continue;
    const std::uint64_t at = resolve(rom.efs.window, field.value);
    if (at < rom.efs.window.end) notes.push_back(fmt::format("{} at {}", field.type->name, hex32(at)));
  }
  if (rom.efs.absent) {
    notes.emplace_back("directories found by their headers");
  } else if (!rom.efs.has_directories) {
    notes.emplace_back("signature without directories");
  }
  return notes;
}

}  // namespace

Component describe(const Rom& rom) {
  const Window& window = rom.efs.window;
  const Range inside = Range{window.base, window.size}.intersection({0, window.end});
  Component out{.kind = "amd-firmware", .name = "AMD firmware", .range = inside};
  out.attributes.set("base", window.base, Show::hex);
  out.attributes.set("size", window.size, Show::size);
  if (window.missing != 0) out.attributes.set("missing", window.missing, Show::size);
  out.attributes.set("notes", notes_of(rom));
  if (!rom.efs.absent) out.children.push_back(describe_efs(rom.efs));
  for (const Directory& directory : rom.directories) {
    out.children.push_back(describe_directory(rom, directory));
    out.range = hull(out.range, out.children.back().range);
  }
  Component keys{.kind = "keys", .name = "keys"};
  for (const Key& key : rom.keys) keys.children.push_back(describe_key(key));
  out.children.push_back(std::move(keys));
  return out;
}

}  // namespace quell::amd
