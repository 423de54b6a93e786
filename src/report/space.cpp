// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/space.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace quell::report {
namespace {

struct Edge {
  std::uint64_t at = 0;
  bool opens = false;
};

// Stretches that no part has, or that several have, as components without a name.
std::vector<Component> stretches_of(const Component& layout, std::uint64_t size) {
  std::vector<Edge> edges;
  for (const Component& part : layout.children) {
    const Range range = part.range.intersection({0, size});
    if (range.empty()) continue;
    edges.push_back({range.offset, true});
    edges.push_back({range.end(), false});
  }
  std::vector<Component> out;
  if (edges.empty()) return out;
  std::ranges::sort(edges, {}, [](const Edge& edge) { return std::pair(edge.at, edge.opens); });
  edges.push_back({size, true});
  std::uint64_t position = 0;
  std::uint64_t depth = 0;
  for (const Edge& edge : edges) {
    const Range stretch = Range::between(position, edge.at);
    if (!stretch.empty() && depth != 1) out.push_back({depth == 0 ? "unused" : "overlap", {}, stretch});
    position = edge.at;
    depth = edge.opens ? depth + 1 : depth - 1;
  }
  return out;
}

}  // namespace

doc::Value space_of(const Component& layout, std::uint64_t size) {
  const std::vector<Component> stretches = stretches_of(layout, size);
  Component all;
  for (const Component& part : layout.children) all.children.push_back({part.kind, part.name, {}});
  all.children.insert(all.children.end(), stretches.begin(), stretches.end());
  std::vector<std::string> paths = child_paths(all, {});
  doc::Value::List out;
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const Component& one = stretches[i];
    out.emplace_back(doc::Value::Object{{"offset", one.range.offset},
                                        {"size", one.range.size},
                                        {"state", one.kind},
                                        {"path", std::move(paths[layout.children.size() + i])},
                                        {"kind", one.kind},
                                        {"name", one.name}});
  }
  return out;
}

}  // namespace quell::report
