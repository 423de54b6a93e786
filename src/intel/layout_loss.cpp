// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/layout_loss.h"

#include <algorithm>

#include <fmt/format.h>

#include "intel/region_report.h"

namespace quell::intel {
namespace {

// What a region gives up when it becomes smaller; the BIOS region keeps its end, every other its start.
Range given_up(const flash::DescriptorRegion& region, Range now) {
  if (now.size >= region.range.size) return {};
  const std::uint64_t lost = region.range.size - now.size;
  return {region.index == 1 ? region.range.offset : region.range.end() - lost, lost};
}

bool is_blank(ByteView bytes) {
  return bytes.empty() || bytes.filled_with(std::byte{0xFF}) || bytes.filled_with(std::byte{0});
}

// The firmware of a region that keeps `size` bytes must lie in them.
Result<void> refuse_cut_firmware(ByteView region, std::uint64_t size, bool ich_descriptor) {
  const auto me = parse_me_region(region, ich_descriptor);
  if (!me) return {};
  const CleanState state = clean_state(*me);
  if (state.stripped && state.minimum_size && *state.minimum_size <= size) return {};
  for (const FptEntry& entry : me->table.entries) {
    const bool cut =
        entry.has_data() && entry.length != FptEntry::to_end_of_region && entry.range(region.size()).end() > size;
    if (!cut) continue;
    return refuse(
        fmt::format("the ME region would have {} KiB, and its partition {} ends at {} KiB: the machine may not "
                    "start with the rest cut off",
                    size / 1024, entry.name, entry.range(region.size()).end() / 1024),
        {Override::shrink});
  }
  return {};
}

}  // namespace

Result<void> refuse_loss(const flash::FlashDescriptor& descriptor, ByteView image, const flash::Relayout& relayout,
                         Overrides accepted) {
  if (accepted.has(Override::shrink)) return {};
  std::uint64_t end = 0;
  for (const flash::DescriptorRegion& region : descriptor.regions) {
    end = std::max(end, region.range.end());
    const Range now = relayout.ranges[region.index];
    if (!region.in_use() || now.size >= region.range.size) continue;
    if (region.index == 2 && !now.empty())
      QUELL_CHECK(refuse_cut_firmware(image.clip(region.range), now.size, descriptor.is_ich()));
    if (is_blank(image.clip(given_up(region, now)))) continue;
    return refuse(fmt::format("the new layout cuts content off the {} region: {} of its {} KiB go", region.title,
                              (region.range.size - now.size) / 1024, region.range.size / 1024),
                  {Override::shrink}, region.range.offset);
  }
  const std::uint64_t from = std::max(end, relayout.size);
  if (from >= image.size() || is_blank(image.clip(Range::between(from, image.size())))) return {};
  return refuse(fmt::format("the new layout ends at {:#x}, and the file has content behind it", relayout.size - 1),
                {Override::shrink}, from);
}

}  // namespace quell::intel
