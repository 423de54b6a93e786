// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "amd/firmware.h"

namespace quell::amd {
namespace {

void add_once(std::vector<std::string>& list, std::string_view text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.emplace_back(text);
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& text : list) out += (out.empty() ? "" : ", ") + text;
  return out;
}

// The distinct values that `read` finds in the payloads of the entries, in walking order.
template <class Read>
std::vector<std::string> values(const Rom& rom, Read read) {
  std::vector<std::string> out;
  for (const Directory& directory : rom.directories) {
    for (const Entry& entry : directory.entries) {
      const Payload* payload = rom.payload_of(entry);
      if (payload != nullptr) add_once(out, read(entry, *payload));
    }
  }
  return out;
}

// Header versions of the entries of one PSP type.
std::string versions(const Rom& rom, std::uint8_t type) {
  return joined(values(rom, [type](const Entry& entry, const Payload& payload) {
    const bool wanted = !entry.bios && entry.type == type && payload.header && payload.header->version != 0;
    return wanted ? version_hex(payload.header->version) : std::string();
  }));
}

// "AGESA!", two characters, zero, then the name up to a zero; in images with AMD's UEFI modules.
std::string agesa_version(ByteView file) {
  const auto at = file.find(as_bytes("AGESA!"));
  if (!at) return {};
  const auto name = file.text(*at + 9, std::min<std::uint64_t>(48, file.size() - std::min(file.size(), *at + 9)));
  return name ? *name : std::string();
}

void count_signatures(const Rom& rom, Attributes& facts) {
  std::array<std::uint64_t, 4> counts{};
  for (const Directory& directory : rom.directories) {
    for (const Entry& entry : directory.entries) {
      const Payload* payload = rom.payload_of(entry);
      const bool judged = payload != nullptr && payload->signature;
      const auto result = judged ? payload->signature->result : SignatureResult::none;
      counts.at(static_cast<std::size_t>(result)) += 1;
    }
  }
  bool invalid = false;
  bool unknown = false;
  for (const auto result :
       {SignatureResult::none, SignatureResult::valid, SignatureResult::invalid, SignatureResult::unknown}) {
    const std::uint64_t count = counts.at(static_cast<std::size_t>(result));
    facts.set(fmt::format("signatures_{}", to_string(result)), count);
    invalid = invalid || (result == SignatureResult::invalid && count != 0);
    unknown = unknown || (result == SignatureResult::unknown && count != 0);
  }
  facts.set("signature",
            std::string(invalid   ? "invalid"
                        : unknown ? "partly unknown"
                                  : "valid"),
            invalid   ? CheckState::failed
            : unknown ? CheckState::not_checked
                      : CheckState::held);
}

// Evidence for platform secure boot. An image cannot prove that the processor is fused.
std::string secure_boot(const Rom& rom) {
  const std::vector<std::string> keys = values(rom, [](const Entry& entry, const Payload& payload) {
    const bool signing_key = entry.type == 0x05 && payload.token && payload.token->usage == 8;
    return signing_key ? to_hex(payload.token->id).substr(0, 8) : std::string();
  });
  return keys.empty() ? "no sign of it in the image" : fmt::format("prepared (key {})", joined(keys));
}

std::string slots(const Rom& rom) {
  std::vector<std::string> list;
  for (const Directory& directory : rom.directories) {
    if (directory.slot != 0 && directory.kind == DirectoryKind::psp) add_once(list, std::string(1, directory.slot));
  }
  return joined(list);
}

}  // namespace

std::string platform(const Rom& rom) {
  std::vector<std::string> names;
  for (const Directory& directory : rom.directories) {
    if (directory.psp_id) add_once(names, platform_of(*directory.psp_id));
    if (directory.combo_id) add_once(names, platform_of(*directory.combo_id));
  }
  if (!names.empty()) return joined(names);
  for (const Key& key : rom.keys) {
    const RootKey* known = key.trust == Trust::root ? root_key(to_hex(key.id)) : nullptr;
    if (known != nullptr) add_once(names, known->platform);
  }
  return joined(names);
}

Attributes summarise(const Rom& rom, ByteView file, bool has_volumes) {
  Attributes facts;
  const auto set = [&facts](std::string_view key, const std::string& value) {
    if (!value.empty()) facts.set(key, value);
  };
  const std::string family = platform(rom);
  facts.set("family", family.empty() ? Value(Unknown{}) : Value(family));
  set("version", versions(rom, 0x01));
  set("secure_os_version", versions(rom, 0x02));
  set("smu_version", joined(values(rom, [](const Entry&, const Payload& payload) { return payload.smu_version; })));
  set("ftpm_version", joined(values(rom, [](const Entry&, const Payload& payload) { return payload.ftpm_version; })));
  if (has_volumes) set("agesa", agesa_version(file.clip({rom.efs.window.base, rom.efs.window.size})));
  facts.set("embedded_firmware_structure", rom.efs.absent ? Value(Unknown{}) : Value(rom.efs.offset), Show::hex);
  if (!rom.efs.preferred) facts.set("preferred", false);
  facts.set("directories", std::uint64_t{rom.directories.size()});
  set("recovery_slots", slots(rom));
  count_signatures(rom, facts);
  set("platform_secure_boot", secure_boot(rom));
  facts.set("disabled", false);
  return facts;
}

}  // namespace quell::amd
