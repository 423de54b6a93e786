// SPDX-License-Identifier: GPL-2.0-or-later
// EDK II's stores and their older form.
//   VSS2   00 GUID, 10 u32 size, 14 u8 format (0x5A formatted), 15 u8 state (0xFE healthy); variables at 1C
//   VSS    00 "$VSS" ("$SVS", "$NSS"), 04 u32 size (0xFFFFFFFF: to the end of the volume), 08 format, 09 state; at 10
// Variable, at a multiple of 4 in VSS2: 00 u16 0x55AA, 02 u8 state, 04 u32 attributes, then
//   plain           08 u32 size of the name, 0C u32 size of the data, 10 GUID; name at 20
//   authenticated   08 u64 count, 10 time, 20 u32 key, 24 u32 size of the name, 28 u32 size of the data, 2C GUID; at 3C
//   Apple           attributes bit 31: plain with the u32 CRC32 of the data before the name; name at 24
// States: 0x3F in use, 0x3E being replaced, 0x3D and 0x3C deleted, 0x7F the header alone was written.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "uefi/names.h"
#include "uefi/variables.h"

namespace quell::uefi {
namespace {

constexpr std::uint16_t variable_mark = 0x55AA;
constexpr std::uint8_t formatted = 0x5A;
constexpr std::uint8_t healthy = 0xFE;
constexpr std::uint8_t in_use = 0x3F;
constexpr std::uint8_t being_replaced = 0x3E;
constexpr std::uint32_t apple_checksum = 0x80000000;
constexpr std::uint32_t to_the_end = 0xFFFFFFFF;
constexpr std::size_t most_variables = 16384;

struct Shape {
  bool authenticated = false;
  bool aligned = false;
};

// The entry at the start of the view and its size; nothing when it does not fit.
std::optional<std::pair<Variable, std::uint64_t>> read_variable(ByteView view, Shape shape) {
  Variable out{.offset = view.origin()};
  out.stored_state = view.u8(2).value_or(0);
  out.attributes = view.u32(4).value_or(0);
  const bool checksum = !shape.authenticated && (out.attributes & apple_checksum) != 0;
  const std::uint64_t sizes = shape.authenticated ? 0x24 : 0x08;
  const std::uint64_t header = shape.authenticated ? 0x3C : checksum ? 0x24 : 0x20;
  const auto name_size = view.u32(sizes);
  const auto data_size = view.u32(sizes + 4);
  if (!name_size || !data_size) return std::nullopt;
  const auto name = view.sub(header, *name_size);
  const auto data = view.sub(header + *name_size, *data_size);
  if (!name || !data) return std::nullopt;
  out.owner = Guid::at(view, sizes + 8);
  out.name = wide_text(*name);
  out.data = *data;
  return std::pair{std::move(out), header + *name_size + *data_size};
}

// What is being replaced counts only as long as nothing has replaced it.
void settle(std::vector<Variable>& variables) {
  std::set<std::pair<std::string, Guid>> live;
  for (const Variable& one : variables) {
    if (one.stored_state == in_use) live.emplace(one.name, one.owner);
  }
  for (Variable& one : variables) {
    const bool alone = one.stored_state == being_replaced && !live.contains({one.name, one.owner});
    one.state = one.stored_state == in_use || alone ? Variable::State::live : Variable::State::old;
  }
}

void read_variables(VariableStore& store, ByteView body, Shape shape) {
  std::uint64_t at = 0;
  while (body.u16(at).value_or(0) == variable_mark && store.variables.size() < most_variables) {
    auto next = read_variable(body.clip(Range::between(at, body.size())), shape);
    if (!next) break;
    const std::uint64_t step = std::max<std::uint64_t>(next->second, 0x20);
    store.variables.push_back(std::move(next->first));
    at += shape.aligned ? (step + 3) / 4 * 4 : step;
  }
  settle(store.variables);
  const ByteView rest = body.clip(Range::between(at, body.size()));
  if (!rest.empty() && !rest.filled_with(std::byte{0xFF})) store.broken = rest.origin();
}

}  // namespace

std::optional<VariableStore> read_vss(ByteView view) {
  constexpr Guid plain = Guid::of("DDCF3616-3275-4164-98B6-FE85707FFE7D");
  constexpr Guid authenticated = Guid::of("AAF32C78-947B-439A-A180-2E144EC37792");
  const Guid guid = Guid::at(view, 0);
  const bool second = guid == plain || guid == authenticated;
  constexpr std::array<std::string_view, 3> magics{"$VSS", "$SVS", "$NSS"};
  const bool first = std::ranges::any_of(magics, [&](std::string_view magic) { return view.matches(0, magic); });
  if (!first && !second) return std::nullopt;
  const std::uint64_t size_at = second ? 0x10 : 0x04;
  const std::uint64_t header = second ? 0x1C : 0x10;
  const auto size = view.u32(size_at);
  if (!size || view.u8(size_at + 4).value_or(0) != formatted || *size < header) return std::nullopt;
  VariableStore out{.kind = guid == authenticated ? StoreKind::vss2_authenticated
                            : second              ? StoreKind::vss2
                                                  : StoreKind::vss};
  const ByteView whole = *size == to_the_end ? view : view.clip({0, *size});
  out.range = whole.range();
  out.healthy = view.u8(size_at + 5).value_or(0) == healthy;
  read_variables(out, whole.clip(Range::between(header, whole.size())),
                 {.authenticated = guid == authenticated, .aligned = second});
  return out;
}

}  // namespace quell::uefi
