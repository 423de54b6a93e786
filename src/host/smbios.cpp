// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/smbios.h"

#include <algorithm>
#include <functional>

#include "quell/host/root.h"

namespace quell::host {
namespace {

// SMBIOS structure: u8 type, u8 length of the formatted part, u16 handle, then strings up to two NULs.
struct Structure {
  std::uint8_t type = 0;
  ByteView formatted{};
  ByteView whole{};
};

void each_structure(ByteView table, const std::function<void(const Structure&)>& visit) {
  constexpr std::uint8_t end_of_table = 127;
  std::uint64_t offset = 0;
  while (table.has(offset, 4)) {
    const std::uint8_t type = table.u8(offset).value_or(0);
    const std::uint8_t length = table.u8(offset + 1).value_or(0);
    if (length < 4 || !table.has(offset, length)) return;
    // The strings end with an empty one; without strings there are still two NULs.
    std::uint64_t end = offset + length;
    while (table.has(end, 2) && table.u16(end).value_or(0) != 0) ++end;
    if (!table.has(end, 2)) return;
    end += 2;
    visit({type, table.clip({offset, length}), table.clip({offset, end - offset})});
    if (type == end_of_table) return;
    offset = end;
  }
}

// The $MEI record: 6 + 25 n bytes with n at 5; type 219 or 203, or any type whose strings are "MEI1", "MEI2", ...
bool is_mei_record(const Structure& structure) {
  const std::uint8_t count = structure.formatted.u8(5).value_or(0);
  const bool sized = count >= 1 && count <= 8 && structure.formatted.size() >= 6 + std::uint64_t{25} * count;
  const bool known_type = structure.type == 219 || structure.type == 203;
  return sized && (known_type || structure.whole.matches(structure.formatted.size(), "MEI1"));
}

SmbiosEngine::Component component_of(ByteView record, std::uint64_t offset) {
  SmbiosEngine::Component out;
  out.number = record.u8(offset).value_or(0);
  for (std::size_t i = 0; i < out.registers.size(); ++i) {
    const std::uint32_t value = record.u32(offset + 1 + 4 * i).value_or(0);
    out.registers.at(i) = value;
    out.present = out.present || value != 0xFFFFFFFFU;
  }
  return out;
}

// Type 221: u8 count at 4, then entries of 7 bytes: component name, version name (string numbers), u8 major,
// u8 minor, u8 patch, u16 build. The strings must speak of the ME; the type is the vendor's own otherwise.
bool is_version_record(const Structure& structure) {
  return structure.type == 221 && structure.whole.find(as_bytes("ME Firmware Version")).has_value();
}

std::string string_of(const Structure& structure, std::uint8_t number) {
  std::uint64_t offset = structure.formatted.size();
  for (std::uint8_t i = 1; i < number; ++i) {
    while (structure.whole.u8(offset).value_or(0) != 0) ++offset;
    ++offset;
  }
  return structure.whole.clip({offset, structure.whole.size()})
      .text(0, structure.whole.clip({offset, 64}).size())
      .value_or("");
}

void take_versions(const Structure& structure, SmbiosEngine& out) {
  const ByteView record = structure.formatted;
  const std::uint8_t count = record.u8(4).value_or(0);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t offset = 5 + 7 * i;
    if (!record.has(offset, 7)) return;
    if (string_of(structure, record.u8(offset).value_or(0)) != "ME Firmware Version") continue;
    const std::uint32_t major = record.u8(offset + 2).value_or(0);
    const std::uint32_t minor = record.u8(offset + 3).value_or(0);
    const std::uint32_t patch = record.u8(offset + 4).value_or(0);
    const std::uint32_t build = record.u16(offset + 5).value_or(0);
    const bool unanswered = major == 0xFF && build == 0xFFFF;
    out.version_unanswered = out.version_unanswered || unanswered;
    if (!unanswered && major != 0) out.versions.push_back({major, minor, patch, build});
  }
}

}  // namespace

SmbiosEngine read_smbios(ByteView table) {
  SmbiosEngine out;
  each_structure(table, [&out](const Structure& structure) {
    if (is_version_record(structure)) take_versions(structure, out);
    if (!is_mei_record(structure) || !out.components.empty()) return;
    const std::uint8_t count = structure.formatted.u8(5).value_or(0);
    for (std::uint64_t i = 0; i < count; ++i) out.components.push_back(component_of(structure.formatted, 6 + 25 * i));
  });
  return out;
}

bool has_structure(ByteView table, std::uint8_t type) {
  bool found = false;
  each_structure(table, [&](const Structure& structure) { found = found || structure.type == type; });
  return found;
}

Buffer reduce_smbios(ByteView table) {
  Buffer out;
  each_structure(table, [&out](const Structure& structure) {
    const bool ipmi = structure.type == 38;  // addresses of its interface in the machine, nobody's identity
    if (!ipmi && !is_mei_record(structure) && !is_version_record(structure)) return;
    const Bytes bytes = structure.whole.bytes();
    out.insert(out.end(), bytes.begin(), bytes.end());
  });
  return out;
}

}  // namespace quell::host
