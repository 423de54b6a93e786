// SPDX-License-Identifier: GPL-2.0-or-later
// The words of the flash descriptor by name, and what a change of them means: the one describer, for `diff`, `flash`
// and `descriptor show`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quell/byte_view.h"

namespace quell::flash {

// A bit of the descriptor that has a name. Engines know these; the descriptor does not say them.
struct NamedBit {
  std::uint64_t offset = 0;  // of the word, from the descriptor's start
  unsigned bit = 0;
  std::string name{};   // "AltMeDisable"
  bool certain = true;  // false: only some of the chipsets that this may be use it
};

// The part of the descriptor that a word belongs to.
enum class DescriptorPart { map, component, region, master, strap, other };

// One 32-bit word of the flash descriptor that differs.
struct WordDifference {
  DescriptorPart part = DescriptorPart::other;
  std::string name{};        // "PCHSTRP0", "FLREG2", "FLMSTR1"
  std::uint64_t offset = 0;  // from the descriptor's start
  std::uint32_t before = 0;
  std::uint32_t after = 0;
  std::string meaning{};  // "bit 7 set (AltMeDisable set)", "Intel ME: 0x1000-0x4fffff becomes ..."
};

// The words that differ, named by the descriptor at the start of `before`; nothing without one.
std::vector<WordDifference> compare_words(ByteView before, ByteView after, std::span<const NamedBit> bits);

}  // namespace quell::flash
