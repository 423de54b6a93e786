// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/compare/owners.h"

#include <algorithm>
#include <numeric>

#include "survey/trees.h"

namespace quell::compare_detail {
namespace {

constexpr unsigned deepest = 64;  // levels of a tree that are told apart

class Collector {
 public:
  Collector(ByteView before, ByteView after, std::vector<Owner>& out)
      : before_(before), after_(after), out_(out), budget_(4 * (before.size() + after.size())) {}

  void add(const Component& component, const std::string& path, const std::string& anchor, unsigned level) {
    if (!component.range.empty()) out_.push_back({path, component.kind, component.range, &component, anchor, {}});
    if (level >= deepest || became_blank(component.range)) return;
    add_children(component, path, anchor, level);
  }

  void add_children(const Component& component, const std::string& path, std::string_view anchor, unsigned level) {
    const std::vector<std::string> anchors = child_paths(component, anchor);
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      const Component& child = component.children[i];
      std::string below = path.empty() ? std::string() : path + " / ";
      below += child.name.empty() ? child.kind : child.name;
      add(child, below, anchors[i], level + 1);
    }
  }

 private:
  // Overlapping components of a hostile image could make this quadratic, so the bytes looked at are limited.
  bool became_blank(Range range) {
    const ByteView now = after_.clip(range);
    const ByteView then = before_.clip(range);
    if (now.empty() || then.size() != now.size() || now.size() > budget_) return false;
    if (now.bytes().front() != now.bytes().back()) return false;
    budget_ -= now.size();
    const std::byte value = now.bytes().front();
    return (value == std::byte{0xFF} || value == std::byte{0}) && now.filled_with(value) && !then.filled_with(value);
  }

  ByteView before_;
  ByteView after_;
  std::vector<Owner>& out_;
  std::uint64_t budget_;
};

// Paints intervals over each other; the last one wins.
class Painter {
 public:
  explicit Painter(std::uint64_t size) : size_(size) { starts_[0] = nobody; }

  void paint(Range range, std::size_t owner) {
    const Range part = range.intersection({0, size_});
    if (part.empty()) return;
    split(part.offset);
    split(part.end());
    const auto first = starts_.find(part.offset);
    const auto last = part.end() >= size_ ? starts_.end() : starts_.find(part.end());
    first->second = owner;
    starts_.erase(std::next(first), last);
  }

  [[nodiscard]] std::vector<Segment> segments() const {
    std::vector<Segment> out;
    for (auto at = starts_.begin(); at != starts_.end(); ++at) {
      const auto next = std::next(at);
      out.push_back({Range::between(at->first, next == starts_.end() ? size_ : next->first), at->second});
    }
    return out;
  }

 private:
  void split(std::uint64_t at) {
    if (at >= size_) return;
    const auto next = starts_.upper_bound(at);
    starts_.emplace(at, std::prev(next)->second);
  }

  std::map<std::uint64_t, std::size_t> starts_{};
  std::uint64_t size_;
};

}  // namespace

std::string region_of(const Component& layout, Range range) {
  const Component* best = nullptr;
  for (const Component& region : layout.children) {
    if (!region.range.contains(range) || region.range.empty()) continue;
    if (best == nullptr || region.range.size < best->range.size) best = &region;
  }
  return best == nullptr ? std::string() : best->name;
}

std::vector<Owner> region_owners(const Report& report) {
  std::vector<Owner> out;
  const std::vector<std::string> anchors = child_paths(report.layout, layout_tree);
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    const Component& region = report.layout.children[i];
    out.push_back({region.name, region.kind, region.range, &region, anchors[i], {}});
  }
  return out;
}

std::vector<Owner> all_owners(const Report& report, ByteView before, ByteView after) {
  std::vector<Owner> out = region_owners(report);
  Collector collector(before, after, out);
  const std::size_t regions = out.size();
  for (std::size_t i = 0; i < regions; ++i) {
    const Owner region = out[i];
    collector.add_children(*region.component, region.path, region.anchor, 1);
  }
  const std::vector<std::string> trees = engine_trees(report);
  for (std::size_t i = 0; i < trees.size(); ++i) {
    const Component& root = report.engines[i].tree;
    const std::string region = region_of(report.layout, root.range);
    collector.add_children(root, region.empty() ? root.name : region, trees[i], 1);
    if (region.empty() && !root.range.empty()) {
      out.push_back({root.name, root.kind, root.range, &root, trees[i] + "/", {}});
    }
  }
  return out;
}

Ownership distribute(std::vector<Owner> owners, std::uint64_t size) {
  std::vector<std::size_t> order(owners.size());
  std::iota(order.rbegin(), order.rend(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return owners[i].range.size; });
  Painter painter(size);
  for (const std::size_t i : order) painter.paint(owners[i].range, i);
  return {std::move(owners), painter.segments()};
}

}  // namespace quell::compare_detail
