// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/page/heads.h"

#include <algorithm>
#include <array>
#include <deque>

#include <fmt/format.h>

#include "base/base64.h"
#include "survey/trees.h"

namespace quell::report {
namespace {

constexpr std::uint64_t head_size = 256;
constexpr std::uint64_t page_share = std::uint64_t{48} * 1024;  // of all heads together

struct Node {
  const Component* component = nullptr;
  std::string tree{};
  std::string path{};
};

// What holds data of one machine: network cards' settings, vendors' product data, variables, the engine's file systems.
constexpr std::array<std::string_view, 8> private_names = {"gbe", "pdr",  "10gbe_0", "10gbe_1",
                                                           "MFS", "EFFS", "UTOK",    "NVRAM"};
constexpr std::array<std::string_view, 3> private_kinds = {"variable-store", "variable", "file-system"};

bool is_private(const Component& component) {
  if (std::ranges::find(private_names, component.name) != private_names.end()) return true;
  if (std::ranges::find(private_kinds, component.kind) != private_kinds.end()) return true;
  if (component.name.find("VPD") != std::string::npos || component.name.find("NVRAM") != std::string::npos) return true;
  return std::ranges::any_of(component.attributes, [](const Attribute& one) { return one.show == Show::identifier; });
}

// Every component, the nearest to the roots first.
std::vector<Node> nodes_of(const Report& report) {
  std::vector<Node> out;
  for (NamedTree& tree : trees_of(report)) out.push_back({tree.root, std::move(tree.name), {}});
  for (std::size_t at = 0; at < out.size(); ++at) {
    const Node node = out[at];
    const std::vector<std::string> paths = child_paths(*node.component, node.path);
    for (std::size_t i = 0; i < paths.size(); ++i) out.push_back({&node.component->children[i], node.tree, paths[i]});
  }
  return out;
}

}  // namespace

doc::Value heads_of(const Report& report, ByteView bytes, bool identifiers) {
  const std::vector<Node> nodes = nodes_of(report);
  std::vector<Range> hidden;
  for (const Node& node : nodes) {
    if (!identifiers && is_private(*node.component)) hidden.push_back(node.component->range);
  }
  doc::Value::Object out;
  std::uint64_t left = page_share;
  for (const Node& node : nodes) {
    const Range range = node.component->range;
    const ByteView head = bytes.clip({range.offset, std::min(range.size, head_size)});
    if (head.size() == 0) continue;
    if (head.size() > left) break;
    left -= head.size();
    const Range shown{range.offset, head.size()};
    const bool covered = std::ranges::any_of(hidden, [&](Range one) { return one.intersects(shown); });
    out.push_back({fmt::format("{}/{}", node.tree, node.path), covered ? std::string() : base64(head.bytes())});
  }
  return out;
}

}  // namespace quell::report
