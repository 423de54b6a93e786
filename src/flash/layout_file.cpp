// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/layout_file.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/number.h"
#include "base/size.h"
#include "flash/descriptor_words.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t block = 0x1000;
constexpr std::size_t longest_token = 255;
constexpr std::uint64_t largest_image = std::uint64_t{256} << 20U;

std::vector<std::string_view> tokens(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\v\f";
  std::vector<std::string_view> out;
  while (true) {
    const auto start = text.find_first_not_of(space);
    if (start == std::string_view::npos) return out;
    text.remove_prefix(start);
    const auto length = std::min(text.find_first_of(space), text.size());
    out.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

Result<void> check_ranges(const FlashDescriptor& d, const Relayout& plan) {
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < plan.ranges.size(); ++i) {
    if (!plan.ranges[i].empty()) used.push_back(i);
  }
  std::ranges::sort(used, {}, [&](std::size_t i) { return plan.ranges[i]; });
  for (std::size_t i = 1; i < used.size(); ++i) {
    const bool moved = plan.changed[used[i - 1]] || plan.changed[used[i]];
    if (moved && plan.ranges[used[i - 1]].intersects(plan.ranges[used[i]])) {
      return fail(Errc::usage, fmt::format("the new {} and {} regions overlap", d.regions[used[i - 1]].title,
                                           d.regions[used[i]].title));
    }
  }
  return {};
}

// The content of a region for its new size: the BIOS region is aligned to its end, every other to its start.
Buffer resized(Bytes old, std::uint64_t size, bool to_end) {
  Buffer out(to_size(size), std::byte{0xFF});
  const std::size_t count = to_size(std::min<std::uint64_t>(old.size(), size));
  const Bytes kept = to_end ? old.last(count) : old.first(count);
  std::ranges::copy(kept, to_end ? out.end() - static_cast<std::ptrdiff_t>(count) : out.begin());
  return out;
}

}  // namespace

Result<std::vector<LayoutLine>> parse_layout(std::string_view text) {
  const auto words = tokens(text);
  std::vector<LayoutLine> lines;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto colon = words[i].find(':');
    const std::optional<std::uint64_t> start = parse_hex<std::uint32_t>(words[i].substr(0, colon));
    const auto end =
        colon == std::string_view::npos ? std::nullopt : parse_hex<std::uint32_t>(words[i].substr(colon + 1));
    if (!start || !end || i + 1 >= words.size() || words[i].size() > longest_token ||
        words[i + 1].size() > longest_token) {
      return fail(Errc::usage, fmt::format("layout: '{}' is not start:end and a name, as in 00001000:001fffff me",
                                           words[i].substr(0, 40)));
    }
    lines.push_back({std::string(words[i + 1]), *start, *end});
  }
  if (lines.empty()) return fail(Errc::usage, "the layout file names no region");
  return lines;
}

std::string layout_text(const FlashDescriptor& descriptor) {
  std::string out;
  for (const DescriptorRegion& region : descriptor.regions) {
    if (!region.in_use()) continue;
    out += fmt::format("{:08x}:{:08x} {}\n", region.range.offset, region.range.end() - 1, region.short_name);
  }
  return out;
}

Result<Relayout> plan_relayout(const FlashDescriptor& descriptor, ByteView image,
                               const std::vector<LayoutLine>& lines) {
  Relayout plan;
  for (const DescriptorRegion& region : descriptor.regions) plan.ranges.push_back(region.range);
  plan.changed.resize(plan.ranges.size());
  for (const LayoutLine& line : lines) {
    const DescriptorRegion* region = find_region(descriptor, line.name);
    if (region == nullptr) {
      plan.ignored.push_back(line.name);
      continue;
    }
    Range range;
    if (line.end >= line.start) range = Range::between(line.start, line.end + 1);
    if (!range.empty() && (range.offset % block != 0 || range.size % block != 0)) {
      return fail(Errc::usage, fmt::format("layout: {:08x}:{:08x} {}: a region begins and ends at whole 4 KiB blocks",
                                           line.start, line.end, line.name));
    }
    if (range.end() > largest_image) return fail(Errc::usage, fmt::format("layout: {} ends beyond 256 MiB", line.name));
    plan.ranges[region->index] = range;
    plan.changed[region->index] = range != region->range;
  }
  if (plan.ranges.empty() || plan.ranges[0] != descriptor.regions[0].range)
    return fail(Errc::usage, "layout: the descriptor region stays where it is");
  QUELL_CHECK(check_ranges(descriptor, plan));
  plan.size = image.size();
  if (!is_descriptor_alone(descriptor, image) && std::ranges::count(plan.changed, true) != 0) {
    std::uint64_t end = 1;
    for (const Range& range : plan.ranges) end = std::max(end, range.end());
    plan.size = end;
  }
  return plan;
}

Result<void> plan_move(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                       ByteView original, const Relayout& relayout) {
  const bool alone = is_descriptor_alone(descriptor, original);
  const auto moves = [&](const DescriptorRegion& region) { return relayout.changed[region.index] && !alone; };
  for (const DescriptorRegion& region : descriptor.regions) {
    if (!moves(region) || !region.in_use()) continue;
    if (region.range.end() > original.size()) {
      return fail(Errc::damaged, fmt::format("the {} region does not lie wholly in the file", region.title),
                  region.word_offset);
    }
    const Range left = Range::between(region.range.offset, std::min(region.range.end(), relayout.size));
    QUELL_CHECK(builder.fill(left, std::byte{0xFF}, fmt::format("where the {} region was", region.title)));
  }
  for (const DescriptorRegion& region : descriptor.regions) {
    const Range to = relayout.ranges[region.index];
    if (!moves(region) || to.empty()) continue;
    const ByteView old = original.clip(region.range);
    QUELL_CHECK(builder.replace(to.offset, resized(region.in_use() ? old.bytes() : Bytes{}, to.size, region.index == 1),
                                fmt::format("the {} region at its new place", region.title)));
  }
  for (const DescriptorRegion& region : descriptor.regions) {
    if (relayout.changed[region.index])
      QUELL_CHECK(plan_region(builder, descriptor, rules, region.index, relayout.ranges[region.index]));
  }
  if (relayout.size < original.size()) builder.truncate(relayout.size);
  return {};
}

}  // namespace quell::flash
