// SPDX-License-Identifier: GPL-2.0-or-later
#include "bmc/layout.h"

#include <algorithm>

#include "base/table.h"
#include "data/bmc-layouts.h"

namespace quell::bmc {
namespace {

constexpr std::uint32_t flattened_tree = 0xEDFE0DD0;  // D0 0D FE ED
constexpr std::uint32_t squashfs = 0x73717368;        // "hsqs"

bool begins_with(ByteView file, const std::vector<Part>& parts, std::string_view name, std::uint32_t magic) {
  const auto part = std::ranges::find(parts, name, &Part::name);
  return part != parts.end() && file.u32(part->range.offset).value_or(0) == magic;
}

}  // namespace

std::optional<std::vector<Part>> openbmc_layout(ByteView file) {
  std::vector<Part> parts;
  for (const auto row : Table(data::bmc_layouts)) {
    if (row.number("size") != file.size()) continue;
    parts.push_back({std::string(row["part"]), {row.number("offset"), row.number("length")}});
  }
  const bool proven = begins_with(file, parts, "kernel", flattened_tree) && begins_with(file, parts, "rofs", squashfs);
  return proven ? std::optional(std::move(parts)) : std::nullopt;
}

}  // namespace quell::bmc
