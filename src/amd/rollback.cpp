// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/rollback.h"

#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "amd/audit.h"

namespace quell::amd {
namespace {

// Real slots have one table for the boot loader and one for the secure OS.
constexpr std::size_t most_tables = 8;

using Group = std::tuple<char, std::optional<std::uint32_t>, std::optional<std::uint32_t>>;
Group group_of(const Directory& directory) { return {directory.slot, directory.combo_id, directory.psp_id}; }

// Whether the header's firmware ID means something.
bool has_firmware_id(const PspHeader& header) { return (header.flags & 0x8000U) != 0; }

// The minimum that a table asks of an entry, if it names it.
std::optional<std::uint32_t> minimum_for(const SplTable& table, const Entry& entry, const Payload& payload) {
  for (const SplRecord& record : table.records) {
    if (record.sub_image != 0 && record.sub_image != 0xFF) continue;
    if (!record.uuid.empty() && record.uuid == payload.ta_uuid) return record.minimum;
    if (!record.id) continue;
    if (table.by_firmware_id ? has_firmware_id(*payload.header) && *record.id == payload.header->fw_id
                             : !entry.bios && *record.id == entry.type) {
      return record.minimum;
    }
  }
  return std::nullopt;
}

std::vector<const SplTable*> tables_of(const Rom& rom, const Group& group) {
  std::vector<const SplTable*> tables;
  std::set<const Payload*> seen;
  for (const Directory& directory : rom.directories) {
    if (group_of(directory) != group) continue;
    for (const Entry& entry : directory.entries) {
      const Payload* payload = rom.payload_of(entry);
      if (payload == nullptr || !payload->spl || tables.size() >= most_tables) continue;
      if (seen.insert(payload).second) tables.push_back(&*payload->spl);
    }
  }
  return tables;
}

struct Numbers {
  std::set<std::uint32_t> types;
  std::set<std::uint32_t> firmware_ids;
};

std::map<Group, Numbers> numbers_in_use(const Rom& rom) {
  std::map<Group, Numbers> numbers;
  for (const Directory& directory : rom.directories) {
    Numbers& of_group = numbers[group_of(directory)];
    for (const Entry& entry : directory.entries) {
      const Payload* payload = rom.payload_of(entry);
      if (payload == nullptr || !payload->header) continue;
      if (!entry.bios) of_group.types.insert(entry.type);
      if (has_firmware_id(*payload->header)) of_group.firmware_ids.insert(payload->header->fw_id);
    }
  }
  return numbers;
}

}  // namespace

void settle_spl_identities(Rom& rom) {
  const std::map<Group, Numbers> numbers = numbers_in_use(rom);
  for (const Directory& directory : rom.directories) {
    const Numbers& known = numbers.at(group_of(directory));
    for (const Entry& entry : directory.entries) {
      if (!entry.payload || !rom.payloads[*entry.payload].spl) continue;
      SplTable& table = *rom.payloads[*entry.payload].spl;
      std::size_t by_type = 0;
      std::size_t by_firmware_id = 0;
      for (const SplRecord& record : table.records) {
        by_type += record.id && known.types.contains(*record.id) ? 1U : 0U;
        by_firmware_id += record.id && known.firmware_ids.contains(*record.id) ? 1U : 0U;
      }
      table.by_firmware_id = by_firmware_id > by_type;
    }
  }
}

void audit_rollback(const Rom& rom, Findings& findings) {
  std::set<const Payload*> judged;
  std::map<Group, std::vector<const SplTable*>> tables;
  for (const Directory& directory : rom.directories) {
    const Group group = group_of(directory);
    const auto known = tables.find(group);
    const auto& of_group =
        known != tables.end() ? known->second : tables.emplace(group, tables_of(rom, group)).first->second;
    if (of_group.empty()) continue;
    for (const Entry& entry : directory.entries) {
      const Payload* payload = rom.payload_of(entry);
      if (payload == nullptr || !payload->header || payload->spl || !judged.insert(payload).second) continue;
      for (const SplTable* table : of_group) {
        const auto minimum = minimum_for(*table, entry, *payload);
        if (!minimum || payload->header->security_patch_level >= *minimum) continue;
        findings
            .add("amd.spl-below-table", Question::structure, Severity::warning,
                 "an entry is older than the anti-rollback table allows",
                 fmt::format("type 0x{:02x} {} level {} minimum {}", entry.type, entry.name(),
                             payload->header->security_patch_level, *minimum),
                 range_of(entry))
            .advice = "the processor refuses it once this level is fused";
        break;
      }
    }
  }
}

}  // namespace quell::amd
