// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/variables.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/ascii.h"
#include "base/table.h"
#include "data/uefi-owners.h"
#include "data/uefi-private-variables.h"

namespace quell::uefi {
namespace {

constexpr std::size_t most_stores = 64;
constexpr std::uint64_t shortest_public = 16;

// What a digest of a short value would give away: a password of a few characters is found by trying them all.
struct PrivateNames {
  std::set<std::string, std::less<>> whole{};
  std::vector<std::string> parts{};  // in lower case
};

bool named_private(std::string_view name) {
  static const auto names = [] {
    PrivateNames out;
    for (const auto row : Table(data::uefi_private_variables)) {
      if (row["match"] == "part") {
        out.parts.emplace_back(row["name"]);
      } else {
        out.whole.emplace(row["name"]);
      }
    }
    return out;
  }();
  if (names.whole.contains(name)) return true;
  const std::string lower = lower_case(name);
  return std::ranges::any_of(names.parts,
                             [&](const std::string& part) { return lower.find(part) != std::string::npos; });
}

// Magics of layouts that are not read, and how many bytes the magic has.
struct Foreign {
  std::string_view magic;
};
constexpr std::array<Foreign, 4> foreign{{{"_FDC"}, {"Fsys"}, {"Gaid"}, {"DVAR"}}};

// The fault-tolerant write area (EDK II): GUID, u32 CRC32, u8 state, 3 bytes, u64 size of the queue. At rest the state
// has only its lowest bit cleared.
std::optional<VariableStore> read_fault_tolerant(ByteView view) {
  constexpr Guid magic = Guid::of("9E58292B-7C68-497D-A0CE-6500FD9F1B95");
  if (view.u32(0).value_or(0) != 0x9E58292B || Guid::at(view, 0) != magic) return std::nullopt;
  const std::uint64_t queue = view.u64(0x18).value_or(0);
  VariableStore out{.kind = StoreKind::fault_tolerant};
  out.range = view.clip({0, std::min<std::uint64_t>(queue, view.size()) + 0x20}).range();
  out.healthy = view.u8(0x14).value_or(0) == 0xFE;
  return out;
}

std::optional<VariableStore> read_foreign(ByteView view) {
  const auto known = std::ranges::any_of(foreign, [&](const Foreign& one) { return view.matches(0, one.magic); });
  if (!known) return std::nullopt;
  return VariableStore{.kind = StoreKind::unknown, .range = view.clip({0, 4}).range()};
}

std::optional<VariableStore> store_at(ByteView view) {
  for (const auto read : {&read_vss, &read_evsa, &read_fault_tolerant, &read_foreign}) {
    if (auto found = read(view)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(StoreKind kind) noexcept {
  switch (kind) {
    case StoreKind::vss2: return "VSS2";
    case StoreKind::vss2_authenticated: return "VSS2 authenticated";
    case StoreKind::vss: return "VSS";
    case StoreKind::nvar: return "NVAR";
    case StoreKind::evsa: return "EVSA";
    case StoreKind::fault_tolerant: return "fault-tolerant write";
    case StoreKind::unknown: return "variables of an unknown layout";
  }
  return "unknown";
}

const Variable* VariableStore::find(std::string_view name, const Guid& owner) const noexcept {
  const auto found = std::ranges::find_if(variables, [&](const Variable& one) {
    return one.state == Variable::State::live && one.name == name && one.owner == owner;
  });
  return found == variables.end() ? nullptr : &*found;
}

std::uint64_t VariableStore::live() const noexcept {
  return static_cast<std::uint64_t>(std::ranges::count(variables, Variable::State::live, &Variable::state));
}

std::uint64_t VariableStore::old() const noexcept {
  return static_cast<std::uint64_t>(std::ranges::count(variables, Variable::State::old, &Variable::state));
}

std::vector<VariableStore> find_stores(ByteView volume) {
  // The first 4 bytes of everything that store_at() knows; EVSA has its magic behind 4 bytes of a header.
  constexpr std::array<std::uint32_t, 10> starts{0xDDCF3616, 0xAAF32C78, 0x5353'5624, 0x5356'5324, 0x5353'4E24,
                                                 0x9E58292B, 0x4344465F, 0x73797346,  0x64696147,  0x52415644};
  constexpr std::uint32_t evsa_header = 0x0014'00EC;
  std::vector<VariableStore> out;
  std::uint64_t at = 0;
  while (at + 4 <= volume.size() && out.size() < most_stores) {
    const std::uint32_t word = volume.u32(at).value_or(0);
    const bool evsa = (word & 0xFFFF'00FFU) == evsa_header;
    if (evsa || std::ranges::find(starts, word) != starts.end()) {
      if (auto found = store_at(volume.clip(Range::between(at, volume.size())))) {
        at += std::max<std::uint64_t>(found->range.size / 4 * 4, 4);
        out.push_back(*std::move(found));
        continue;
      }
    }
    at += 4;
  }
  return out;
}

void mark_older(std::vector<VariableStore>& stores) {
  constexpr Guid owner = Guid::of("01368881-C4AD-4B1D-B631-D57A8EC8DB6B");
  const auto counter = [&](const VariableStore& store) {
    const Variable* found = store.find("MonotonicCounter", owner);
    return found == nullptr ? 0U : found->data.u32(0).value_or(0);
  };
  const auto is_main = [](const VariableStore& store) { return store.kind == StoreKind::nvar && store.inside.empty(); };
  VariableStore* newest = nullptr;
  for (VariableStore& store : stores) {
    if (is_main(store) && (newest == nullptr || counter(store) > counter(*newest))) newest = &store;
  }
  for (VariableStore& store : stores) {
    const bool part = store.kind == StoreKind::nvar && !store.inside.empty() && newest != nullptr;
    if (is_main(store)) store.older = &store != newest;
    if (part) store.older = !newest->range.contains(store.range);
  }
}

bool is_private(const Variable& variable) {
  return variable.data.size() < shortest_public || named_private(variable.name);
}

std::string owner_name(const Guid& owner) {
  static const auto names = [] {
    std::map<Guid, std::string> out;
    for (const auto row : Table(data::uefi_owners)) out.emplace(Guid::parse(row["guid"]), std::string(row["owner"]));
    return out;
  }();
  const auto found = names.find(owner);
  return found == names.end() ? to_string(owner) : found->second;
}

}  // namespace quell::uefi
