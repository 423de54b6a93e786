// SPDX-License-Identifier: GPL-2.0-or-later
// How a component of a report is named among all of its trees: its anchor is the name of the tree, '/' and the path in
// it (child_paths()). Part of the JSON interface.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quell/component.h"
#include "quell/survey/report.h"

namespace quell {

constexpr std::string_view layout_tree = "layout";
constexpr std::string_view uefi_tree = "uefi";

// The names of the engines' trees, in the order of the engines: the id, with "-2", "-3", ... from the second of a kind
// on.
std::vector<std::string> engine_trees(const Report& report);

// A tree of a report.
struct NamedTree {
  std::string name{};
  const Component* root = nullptr;
};

// All of them: the layout, the UEFI firmware where there is some, the engines. Look at the report.
std::vector<NamedTree> trees_of(const Report& report);

// Names where ranges lie: the anchor of the innermost component that wholly contains one. What an engine knows comes
// before what the layout knows. Looks at the report.
class AnchorFinder {
 public:
  explicit AnchorFinder(const Report& report);
  [[nodiscard]] std::string anchor_of(Range range);

 private:
  struct Tree {
    std::string name{};
    PathFinder finder;
  };
  std::vector<Tree> trees_{};  // the layout last
};

}  // namespace quell
