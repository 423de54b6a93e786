// SPDX-License-Identifier: GPL-2.0-or-later
// Phoenix's stores: entries 00 u8 type, 01 u8 sum, 02 u16 size; the 8-bit sum of all but the type is zero.
//   EC      the store: 04 "EVSA", 08 u32 attributes, 0C u32 size of the store
//   ED, E1  04 u16 id, 06 GUID
//   EE, E2  04 u16 id, 06 name
//   EF, E3  04 u16 id of the GUID, 06 u16 id of the name, 08 u32 attributes, 0C data (attributes bit 28: u32 size
//   first) 83      the same, deleted
// Definitions and data stand in any order; ids count in one store.
#include <map>
#include <utility>

#include "base/checksum.h"
#include "uefi/names.h"
#include "uefi/variables.h"
#include "uefi/walker.h"

namespace quell::uefi {
namespace {

constexpr std::uint64_t header_size = 4;
constexpr std::uint64_t store_header = 0x14;
constexpr std::uint64_t data_at = 0x0C;
constexpr std::uint32_t sized = 0x10000000;
constexpr std::size_t most_entries = 65536;

enum class Kind { guid, name, data, deleted, other };

Kind kind_of(std::uint8_t type) {
  switch (type) {
    case 0xED:
    case 0xE1: return Kind::guid;
    case 0xEE:
    case 0xE2: return Kind::name;
    case 0xEF:
    case 0xE3: return Kind::data;
    case 0x83: return Kind::deleted;
    default: return Kind::other;
  }
}

bool sums_to_zero(ByteView entry) { return !entry.empty() && sum_of(entry.bytes().subspan(1)) == 0; }

std::vector<ByteView> entries_of(ByteView store) {
  std::vector<ByteView> out;
  std::uint64_t at = store_header;
  while (out.size() < most_entries) {
    const std::uint8_t type = store.u8(at).value_or(0xFF);
    const std::uint64_t size = store.u16(at + 2).value_or(0);
    const auto entry = store.sub(at, size);
    if (type == 0xFF || size < header_size || !entry) break;
    if (sums_to_zero(*entry)) out.push_back(*entry);
    at += size;
  }
  return out;
}

}  // namespace

std::optional<VariableStore> read_evsa(ByteView view) {
  if (view.u8(0).value_or(0) != 0xEC || !view.matches(header_size, "EVSA")) return std::nullopt;
  const auto size = view.u32(0x0C);
  if (!size || *size < store_header || !sums_to_zero(view.clip({0, store_header}))) return std::nullopt;
  const ByteView whole = view.clip({0, *size});
  VariableStore out{.kind = StoreKind::evsa, .range = whole.range()};
  const std::vector<ByteView> entries = entries_of(whole);
  std::map<std::uint16_t, Guid> owners;
  std::map<std::uint16_t, std::string> names;
  for (const ByteView& entry : entries) {
    const Kind kind = kind_of(entry.u8(0).value_or(0));
    const std::uint16_t id = entry.u16(4).value_or(0);
    if (kind == Kind::guid) owners.emplace(id, Guid::at(entry, 6));
    if (kind == Kind::name) names.emplace(id, wide_text(entry, 6));
  }
  for (const ByteView& entry : entries) {
    const Kind kind = kind_of(entry.u8(0).value_or(0));
    if ((kind != Kind::data && kind != Kind::deleted) || entry.size() < data_at) continue;
    Variable variable{.attributes = entry.u32(8).value_or(0),
                      .state = kind == Kind::data ? Variable::State::live : Variable::State::old,
                      .offset = entry.origin()};
    if (const auto owner = owners.find(entry.u16(4).value_or(0)); owner != owners.end()) variable.owner = owner->second;
    if (const auto name = names.find(entry.u16(6).value_or(0)); name != names.end()) variable.name = name->second;
    const bool has_size = (variable.attributes & sized) != 0;
    const std::uint64_t start = has_size ? data_at + 4 : data_at;
    variable.data = entry.clip(Range::between(start, entry.size()));
    if (has_size) variable.data = variable.data.clip({0, entry.u32(data_at).value_or(0)});
    out.variables.push_back(std::move(variable));
  }
  return out;
}

}  // namespace quell::uefi
