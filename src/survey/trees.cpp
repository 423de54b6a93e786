// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/trees.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace quell {

std::vector<std::string> engine_trees(const Report& report) {
  std::vector<std::string> out;
  std::map<std::string_view, unsigned> seen;
  for (const EngineReport& engine : report.engines) {
    const unsigned number = ++seen[engine.engine];
    out.push_back(number == 1 ? engine.engine : fmt::format("{}-{}", engine.engine, number));
  }
  return out;
}

std::vector<NamedTree> trees_of(const Report& report) {
  std::vector<NamedTree> out{{std::string(layout_tree), &report.layout}};
  if (report.bios) out.push_back({std::string(uefi_tree), &report.bios->tree});
  std::vector<std::string> names = engine_trees(report);
  for (std::size_t i = 0; i < names.size(); ++i) out.push_back({std::move(names[i]), &report.engines[i].tree});
  return out;
}

AnchorFinder::AnchorFinder(const Report& report) {
  std::vector<NamedTree> trees = trees_of(report);
  std::rotate(trees.begin(), trees.begin() + 1, trees.end());
  for (NamedTree& tree : trees) trees_.push_back({std::move(tree.name), PathFinder(*tree.root)});
}

std::string AnchorFinder::anchor_of(Range range) {
  for (Tree& tree : trees_) {
    const std::string path = tree.finder.path_of(range);
    if (!path.empty() || tree.name == layout_tree) return fmt::format("{}/{}", tree.name, path);
  }
  return {};
}

}  // namespace quell
