// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "quell/check.h"
#include "quell/range.h"

namespace quell {

// A value that was looked for and is not known; printed as "unknown", null in JSON. Not the same as absent.
struct Unknown {
  friend constexpr bool operator==(Unknown, Unknown) = default;
};

using Value = std::variant<Unknown, bool, std::uint64_t, std::string, std::vector<std::string>>;

// How a value is shown to people; JSON always has the plain one. identifier: a serial number, MAC address or UUID,
// which no printer shows unless it is told to.
enum class Show { decimal, hex, size, identifier };

struct Attribute {
  std::string key{};  // lower_snake_case; part of the JSON interface
  Value value{};
  Show show = Show::decimal;
  std::optional<CheckState> state{};  // of a value that says what was verified: its colour, never its meaning
};

// Ordered list of attributes. Keys are unique: a second `set` of the same key replaces the value.
class Attributes {
 public:
  void set(std::string_view key, Value value, Show show = Show::decimal);
  // A value that says what came of a check.
  void set(std::string_view key, Value value, CheckState state);
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;
  // The text stored under the key; empty when absent or not a text.
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] auto begin() const noexcept { return items_.begin(); }
  [[nodiscard]] auto end() const noexcept { return items_.end(); }

 private:
  void put(Attribute attribute);

  std::vector<Attribute> items_{};
};

// One thing found in an image, for people and for machines. `kind` is a stable word ("region", "partition",
// "module", "manifest", ...), `name` what the format calls it. `range` is in image offsets; a component that has no
// bytes of its own (a table row) has an empty range.
struct Component {
  std::string kind{};
  std::string name{};
  Range range{};
  Attributes attributes{};
  std::vector<Component> children{};
  std::vector<Check> checks{};  // what was verified of it; `node` is filled in by take_checks
};

// The paths of the children of a component whose own path is `path`, in their order: their names below it with '/'
// between, the kind where there is no name, and "#2", "#3", ... behind names that were there before. The path of a
// tree's root is empty. Part of the JSON interface.
std::vector<std::string> child_paths(const Component& parent, std::string_view path);

// Takes the checks out of the tree, each with the path of its component.
std::vector<Check> take_checks(Component& root);

// Tells where in a tree ranges lie, for many ranges: each node's children are named and sorted once. Looks at the tree,
// which must stay as it is.
class PathFinder {
 public:
  explicit PathFinder(const Component& root);
  ~PathFinder();
  PathFinder(PathFinder&&) noexcept;
  PathFinder& operator=(PathFinder&&) noexcept;
  PathFinder(const PathFinder&) = delete;
  PathFinder& operator=(const PathFinder&) = delete;

  // The path (child_paths()) of the innermost component that wholly contains the range; of siblings that do, the one
  // that begins last. Empty, as the root's, where no child of the root does.
  [[nodiscard]] std::string path_of(Range range);

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace quell
