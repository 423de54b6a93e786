// SPDX-License-Identifier: GPL-2.0-or-later
// flashrom's layout files (`start:end name`, hexadecimal, end inclusive), and moving regions by one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flash/descriptor_edit.h"

namespace quell::flash {

struct LayoutLine {
  std::string name{};
  std::uint64_t start = 0;
  std::uint64_t end = 0;  // inclusive; below start: no region
};

// Errc::usage for a line that is not `start:end name`.
Result<std::vector<LayoutLine>> parse_layout(std::string_view text);

// Regions in use, in the order of slots.
std::string layout_text(const FlashDescriptor& descriptor);

// What a layout file does to an image.
struct Relayout {
  std::uint64_t size = 0;              // of the new image
  std::vector<Range> ranges{};         // new ranges by slot; empty: unused
  std::vector<bool> changed{};         // slots whose range changes
  std::vector<std::string> ignored{};  // names that no region has
};
// Errc::usage: unaligned borders, or regions that would overlap. A file that is the descriptor alone keeps its size;
// otherwise the size is the next power of two that holds all regions.
Result<Relayout> plan_relayout(const FlashDescriptor& descriptor, ByteView image, const std::vector<LayoutLine>& lines);

// Moves content and words. `builder` works on the image padded to the new size with 0xFF (or on the image itself, when
// it does not grow). What leaves a region becomes 0xFF; bytes in no region stay.
Result<void> plan_move(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                       ByteView original, const Relayout& relayout);

}  // namespace quell::flash
