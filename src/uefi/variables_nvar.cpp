// SPDX-License-Identifier: GPL-2.0-or-later
// AMI's lists: entries one behind the other, 00 "NVAR", 04 u16 size, 06 u24 place of the next version from the entry's
// start (0xFFFFFF or 0: none), 09 u8 attributes:
//   01 runtime, 02 the name is ASCII, 04 a GUID stands here, 08 data only, 10 extended header at the end,
//   20 hardware error, 40 authenticated, 80 valid
// then, unless data only, 16 bytes GUID or a u8 index into the table that grows down from the list's end, and the name;
// then data. A value that was rewritten leads to its next version: the last one counts.
// "StdDefaults" and "MfgDefaults" have a whole list as their value, with a table of its own at its end.
#include <algorithm>
#include <array>
#include <map>

#include "uefi/names.h"
#include "uefi/variables.h"

namespace quell::uefi {
namespace {

constexpr std::uint64_t header_size = 10;
constexpr std::uint32_t none = 0xFFFFFF;
constexpr std::size_t most_entries = 65536;
constexpr std::uint64_t longest_name = 256;

namespace attribute {
constexpr std::uint8_t ascii = 0x02;
constexpr std::uint8_t own_guid = 0x04;
constexpr std::uint8_t data_only = 0x08;
constexpr std::uint8_t valid = 0x80;
}  // namespace attribute

struct Entry {
  Variable variable{};
  std::uint64_t next = 0;  // from the list's start; zero: none
};

// The name behind the GUID, and where the data begins.
std::uint64_t read_name(Variable& out, ByteView entry, std::uint64_t at, bool ascii) {
  if (!ascii) {
    out.name = wide_text(entry, at);
    std::uint64_t end = at;
    while (entry.u16(end).value_or(0) != 0) end += 2;
    return end + 2;
  }
  std::uint64_t end = at;
  while (entry.u8(end).value_or(0) != 0) ++end;
  out.name = entry.text(at, std::min(end - at, longest_name)).value_or("");
  return end + 1;
}

Entry read_entry(ByteView list, std::uint64_t at, ByteView entry) {
  Entry out;
  Variable& variable = out.variable;
  const std::uint8_t flags = entry.u8(9).value_or(0);
  variable.attributes = flags;
  variable.offset = entry.origin();
  const std::uint32_t next = entry.u32(6).value_or(0) & none;
  if (next != none && next != 0) out.next = at + next;
  std::uint64_t data = header_size;
  if ((flags & attribute::data_only) != 0) {
    variable.state = Variable::State::part;
  } else {
    variable.state = (flags & attribute::valid) != 0 ? Variable::State::live : Variable::State::old;
    if ((flags & attribute::own_guid) != 0) {
      variable.owner = Guid::at(entry, data);
      data += 16;
    } else {
      const std::uint64_t below_end = std::uint64_t{16} * (entry.u8(data).value_or(0) + std::uint64_t{1});
      if (below_end <= list.size()) variable.owner = Guid::at(list, list.size() - below_end);
      data += 1;
    }
    data = read_name(variable, entry, data, (flags & attribute::ascii) != 0);
  }
  variable.data = entry.clip(Range::between(data, entry.size()));
  return out;
}

// Replaces each value by its newest version. The places must grow, so that no ring is followed.
void follow(std::vector<Entry>& entries) {
  std::map<std::uint64_t, std::size_t> by_place;
  for (std::size_t i = 0; i < entries.size(); ++i) by_place.emplace(entries[i].variable.offset, i);
  const std::uint64_t origin = entries.empty() ? 0 : entries.front().variable.offset;
  for (Entry& entry : entries) {
    if (entry.variable.state == Variable::State::part) continue;
    const Entry* last = &entry;
    std::uint64_t here = entry.variable.offset;
    while (last->next != 0 && entry.variable.hops < most_entries) {
      const auto next = by_place.find(origin + last->next);
      if (next == by_place.end() || next->first <= here) break;
      here = next->first;
      last = &entries[next->second];
      ++entry.variable.hops;
    }
    entry.variable.data = last->variable.data;
  }
}

VariableStore read_list(ByteView list, std::string inside) {
  VariableStore store{.kind = StoreKind::nvar, .range = list.range(), .inside = std::move(inside)};
  std::vector<Entry> entries;
  std::uint64_t table = 0;  // bytes of the table of GUIDs at the end
  std::uint64_t at = 0;
  while (list.matches(at, "NVAR") && entries.size() < most_entries) {
    const std::uint64_t size = list.u16(at + 4).value_or(0);
    const auto entry = list.sub(at, size);
    if (size < header_size || !entry) break;
    entries.push_back(read_entry(list, at, *entry));
    const std::uint8_t flags = entry->u8(9).value_or(0);
    if ((flags & (attribute::data_only | attribute::own_guid)) == 0) {
      table = std::max(table, std::uint64_t{16} * (entry->u8(header_size).value_or(0) + std::uint64_t{1}));
    }
    at += size;
  }
  const ByteView rest = list.clip(Range::between(at, list.size() - std::min(table, list.size())));
  if (!rest.empty() && !rest.filled_with(std::byte{0xFF})) store.broken = rest.origin();
  follow(entries);
  store.variables.reserve(entries.size());
  for (Entry& entry : entries) store.variables.push_back(std::move(entry.variable));
  return store;
}

}  // namespace

std::vector<VariableStore> read_nvar(ByteView body) {
  std::vector<VariableStore> out;
  if (!body.matches(0, "NVAR")) return out;
  out.push_back(read_list(body, {}));
  const std::size_t many = out.front().variables.size();
  for (std::size_t i = 0; i < many; ++i) {
    const Variable& one = out.front().variables[i];
    constexpr std::array<std::string_view, 2> lists{"StdDefaults", "MfgDefaults"};
    const bool list = std::ranges::find(lists, one.name) != lists.end() && one.data.matches(0, "NVAR");
    if (list && one.state == Variable::State::live) out.push_back(read_list(one.data, one.name));
  }
  return out;
}

}  // namespace quell::uefi
