// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/space.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "survey/trees.h"

namespace quell::report {
namespace {

// Where ranges begin and end.
class Edges {
 public:
  explicit Edges(std::uint64_t size) noexcept : size_(size) {}

  void add(Range range) {
    const Range part = range.intersection({0, size_});
    if (part.empty()) return;
    edges_.push_back({part.offset, true});
    edges_.push_back({part.end(), false});
  }
  // NOLINTNEXTLINE(misc-no-recursion): as deep as the tree
  void add_below(const Component& component) {
    for (const Component& child : component.children) {
      add(child.range);
      add_below(child);
    }
  }

  // Calls `found` with every stretch of the file and how many of the ranges have it.
  template <class Found>
  void walk(const Found& found) {
    std::ranges::sort(edges_, {}, [](const Edge& edge) { return std::pair(edge.at, edge.opens); });
    edges_.push_back({size_, true});
    std::uint64_t position = 0;
    std::uint64_t depth = 0;
    for (const Edge& edge : edges_) {
      const Range stretch = Range::between(position, edge.at);
      if (!stretch.empty()) found(stretch, depth);
      position = edge.at;
      depth = edge.opens ? depth + 1 : depth - 1;
    }
  }

 private:
  struct Edge {
    std::uint64_t at = 0;
    bool opens = false;
  };
  std::uint64_t size_;
  std::vector<Edge> edges_{};
};

// What no component has, and what several at the top of the layout have: components without a name, in order.
std::vector<Component> stretches_of(const Report& report) {
  std::vector<Component> out;
  Edges top(report.size);
  for (const Component& part : report.layout.children) top.add(part.range);
  top.walk([&out](Range stretch, std::uint64_t depth) {
    if (depth > 1) out.push_back({"overlap", {}, stretch});
  });
  Edges all(report.size);
  for (const NamedTree& tree : trees_of(report)) all.add_below(*tree.root);
  all.walk([&out](Range stretch, std::uint64_t depth) {
    if (depth == 0) out.push_back({"unused", {}, stretch});
  });
  std::ranges::sort(out, {}, [](const Component& one) { return one.range.offset; });
  return out;
}

}  // namespace

doc::Value space_of(const Report& report) {
  doc::Value::List out;
  if (report.layout.children.empty()) return out;
  const std::vector<Component> stretches = stretches_of(report);
  Component all;
  for (const Component& part : report.layout.children) all.children.push_back({part.kind, part.name, {}});
  all.children.insert(all.children.end(), stretches.begin(), stretches.end());
  std::vector<std::string> paths = child_paths(all, {});
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const Component& one = stretches[i];
    out.emplace_back(doc::Value::Object{{"offset", one.range.offset},
                                        {"size", one.range.size},
                                        {"state", one.kind},
                                        {"path", std::move(paths[report.layout.children.size() + i])},
                                        {"kind", one.kind},
                                        {"name", one.name}});
  }
  return out;
}

}  // namespace quell::report
