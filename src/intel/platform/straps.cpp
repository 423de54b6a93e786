// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/platform/straps.h"

#include <map>

#include "base/size.h"

namespace quell::intel {

std::optional<std::uint32_t> strap_at(const flash::FlashDescriptor& descriptor, bool of_mch, std::uint64_t offset) {
  const auto& words = of_mch ? descriptor.mch_straps : descriptor.straps;
  const std::uint64_t index = offset / 4;
  if (offset % 4 != 0 || index >= words.size()) return std::nullopt;
  return words[to_size(index)];
}

Shape test_shape(const flash::FlashDescriptor& descriptor, std::string_view family) {
  std::map<std::uint64_t, bool> conditions;  // by number: whether any alternative holds
  for (const ShapeRow& row : shape_rows()) {
    if (!contains(row.families, family)) continue;
    const auto word = strap_at(descriptor, row.of_mch, row.offset);
    const bool holds = word && ((*word & row.mask) == row.value) != row.differs;
    conditions[row.condition] = conditions[row.condition] || holds;
  }
  if (conditions.empty()) return Shape::none;
  for (const auto& [number, holds] : conditions) {
    if (!holds) return Shape::failed;
  }
  return Shape::passed;
}

}  // namespace quell::intel
