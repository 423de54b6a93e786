// SPDX-License-Identifier: GPL-2.0-or-later
// Words of a descriptor that several edits write.
#pragma once

#include "flash/descriptor_edit.h"

namespace quell::flash {

// Sets a word, and its twin in further copies where that had the same value.
Result<void> set_word(PlanBuilder& builder, const EditRules& rules, std::uint64_t offset, std::uint32_t value,
                      const std::string& reason);

// FLREG word of a range of whole blocks; an empty one becomes the usual word of an unused region.
inline std::uint32_t region_word(Range range, DescriptorVersion version) {
  if (range.empty()) return version == DescriptorVersion::v1 ? 0x00001FFF : 0x00007FFF;
  return static_cast<std::uint32_t>((range.offset >> 12U & 0x7FFFU) | ((range.end() - 1) >> 12U & 0x7FFFU) << 16U);
}

}  // namespace quell::flash
