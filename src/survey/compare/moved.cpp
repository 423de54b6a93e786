// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <set>

#include "survey/compare/parts.h"

namespace quell::compare_detail {
namespace {

// The component's bytes that belong to none of its children.
Buffer own_bytes(ByteView image, const Component& component) {
  std::vector<Range> inside;
  for (const Component& child : component.children) {
    if (component.range.contains(child.range) && !child.range.empty()) inside.push_back(child.range);
  }
  std::ranges::sort(inside, {}, &Range::offset);
  Buffer out;
  std::uint64_t at = component.range.offset;
  const auto append = [&](std::uint64_t end) {
    if (end <= at) return;
    const Bytes bytes = image.clip(Range::between(at, end)).bytes();
    out.insert(out.end(), bytes.begin(), bytes.end());
  };
  for (const Range& range : inside) {
    append(range.offset);
    at = std::max(at, range.end());
  }
  append(component.range.end());
  return out;
}

}  // namespace

std::vector<PartDifference> compare_moved(const Matching& matching, ByteView before, ByteView after) {
  std::vector<PartDifference> out;
  std::uint64_t budget = 4 * (before.size() + after.size());
  for (const Pair& pair : matching.moved) {
    if (pair.before->range.size + pair.after->range.size > budget) break;
    budget -= pair.before->range.size + pair.after->range.size;
    const Buffer old = own_bytes(before, *pair.before);
    const Buffer now = own_bytes(after, *pair.after);
    const Ownership whole{
        .owners = {{pair.path, pair.after->kind, pair.after->range, pair.after, pair.anchor, pair.anchor_after}},
        .segments = {{Range{0, std::max(old.size(), now.size())}, 0}}};
    for (PartDifference& part : tally_parts(whole, ByteView(old), ByteView(now))) {
      for (Range& place : part.first) place.offset += pair.after->range.offset;
      out.push_back(std::move(part));
    }
  }
  return out;
}

std::vector<Range> moved_ranges(const Matching& matching, const std::vector<Owner>& owners, std::uint64_t size,
                                bool old) {
  std::set<const Component*> moved;
  for (const Pair& pair : matching.moved) moved.insert(old ? pair.before : pair.after);
  std::vector<Range> out;
  const auto& more = old ? matching.carried : matching.added;
  moved.insert(more.begin(), more.end());
  if (moved.empty()) return out;
  const Ownership ownership = distribute(owners, size);
  for (const Segment& segment : ownership.segments) {
    if (segment.owner == nobody || !moved.contains(ownership.owners[segment.owner].component)) continue;
    out.push_back(segment.range);
  }
  return out;
}

}  // namespace quell::compare_detail
