// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/compare/owners.h"

#include <algorithm>
#include <numeric>

namespace quell::compare_detail {
namespace {

constexpr unsigned deepest = 64;  // levels of a tree that are told apart

class Collector {
 public:
  Collector(ByteView before, ByteView after, std::vector<Owner>& out)
      : before_(before), after_(after), out_(out), budget_(4 * (before.size() + after.size())) {}

  void add(const Component& component, const std::string& path, unsigned level) {
    if (!component.range.empty()) out_.push_back({path, component.kind, component.range, &component});
    if (level >= deepest || became_blank(component.range)) return;
    add_children(component, path, level);
  }

  void add_children(const Component& component, const std::string& path, unsigned level) {
    for (const Component& child : component.children) {
      std::string below = path.empty() ? std::string() : path + " / ";
      below += child.name.empty() ? child.kind : child.name;
      add(child, below, level + 1);
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
  for (const Component& region : report.layout.children)
    out.push_back({region.name, region.kind, region.range, &region});
  return out;
}

std::vector<Owner> all_owners(const Report& report, ByteView before, ByteView after) {
  std::vector<Owner> out = region_owners(report);
  Collector collector(before, after, out);
  for (const Component& region : report.layout.children) collector.add_children(region, region.name, 1);
  for (const EngineReport& engine : report.engines) {
    const std::string region = region_of(report.layout, engine.tree.range);
    collector.add_children(engine.tree, region.empty() ? engine.tree.name : region, 1);
    if (region.empty() && !engine.tree.range.empty()) {
      out.push_back({engine.tree.name, engine.tree.kind, engine.tree.range, &engine.tree});
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
