// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "amd/audit.h"

namespace quell::amd {
namespace {

// What an entry is called when slots are compared: platform, type, sub-program, instance.
using EntryKey = std::tuple<std::uint32_t, unsigned, unsigned, unsigned>;
// Digests or values of the entries of that name; there may be several.
using Contents = std::map<EntryKey, std::multiset<std::string>>;

std::string content_of(const Rom& rom, const Entry& entry) {
  if (entry.value) return fmt::format("value {:x}", *entry.value);
  const Payload* payload = rom.payload_of(entry);
  if (payload == nullptr) return "none";
  return payload->examined ? to_hex(payload->sha256) : fmt::format("{:x}", payload->range.offset);
}

Contents contents_of(const Rom& rom, DirectoryKind kind, char slot) {
  Contents contents;
  for (const Directory& directory : rom.directories) {
    if (directory.kind != kind || directory.slot != slot) continue;
    for (const Entry& entry : directory.entries) {
      if (entry.links()) continue;
      const EntryKey key{directory.psp_id.value_or(0), entry.type, entry.subprogram, entry.instance};
      contents[key].insert(content_of(rom, entry));
    }
  }
  return contents;
}

// The names of entries whose contents differ, each once.
std::string differences(const Contents& a, const Contents& b) {
  std::set<EntryKey> names;
  for (const auto* side : {&a, &b}) {
    for (const auto& [key, content] : *side) {
      const auto in_a = a.find(key);
      const auto in_b = b.find(key);
      if (in_a == a.end() || in_b == b.end() || in_a->second != in_b->second) names.insert(key);
    }
  }
  std::string out;
  std::set<std::string> listed;
  for (const auto& [platform, type, subprogram, instance] : names) {
    const std::string name = fmt::format("0x{:02x}/{}/{}", type, subprogram, instance);
    if (!listed.insert(name).second) continue;
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

bool has_slots(const Rom& rom) {
  for (const Directory& directory : rom.directories) {
    for (const Entry& entry : directory.entries) {
      if (!entry.bios && (entry.type == 0x48 || entry.type == 0x4A)) return true;
    }
  }
  return false;
}

// Whether a slot that the directories name is damaged: a finding of its own says how.
bool is_damaged(const Rom& rom, char slot) {
  const unsigned type = slot == 'A' ? 0x48 : 0x4A;
  std::set<std::uint64_t> places;
  for (const Directory& directory : rom.directories) {
    if (directory.slot == slot) places.insert(directory.offset);
    if (directory.slot == slot && directory.slot_header) {
      places.insert(resolve(rom.efs.window, directory.slot_header->level2_location));
    }
    for (const Entry& entry : directory.entries) {
      if (entry.bios || entry.type != type) continue;
      places.insert(entry.entry_offset);
      if (entry.offset) places.insert(*entry.offset);
    }
  }
  return std::ranges::any_of(rom.defects, [&](const Defect& defect) { return places.contains(defect.where); });
}

void compare(const Rom& rom, DirectoryKind kind, std::string_view name, Findings& findings) {
  const Contents a = contents_of(rom, kind, 'A');
  const Contents b = contents_of(rom, kind, 'B');
  if (a.empty() && b.empty()) return;
  if (a.empty() || b.empty()) {
    if (is_damaged(rom, a.empty() ? 'A' : 'B')) return;
    findings
        .add("amd.single-slot", Question::structure, Severity::info, "there is only one recovery slot to boot from",
             fmt::format("{} level 2: only slot {} has its own directory", name, b.empty() ? 'A' : 'B'))
        .advice = "there is no copy to fall back to when a firmware update fails";
    return;
  }
  const std::string different = differences(a, b);
  if (different.empty()) {
    findings.add("amd.slot-compare", Question::structure, Severity::info, "both recovery slots hold the same firmware",
                 fmt::format("{} level 2: identical contents", name));
    return;
  }
  findings
      .add("amd.slot-compare", Question::structure, Severity::warning, "the recovery slots hold different firmware",
           fmt::format("{} level 2: differs in {}", name, different))
      .advice = "legal after an update that wrote one slot only; otherwise one of them is damaged";
}

}  // namespace

void audit_slots(const Rom& rom, Findings& findings) {
  if (!has_slots(rom)) return;
  compare(rom, DirectoryKind::psp, "psp", findings);
  compare(rom, DirectoryKind::bios, "bios", findings);
}

}  // namespace quell::amd
