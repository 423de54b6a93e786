// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/component.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace quell {
namespace {

constexpr unsigned deepest = 64;

void take_from(Component& component, const std::string& path, std::vector<Check>& out, unsigned level) {
  for (Check& check : component.checks) {
    check.node = path;
    out.push_back(std::move(check));
  }
  component.checks.clear();
  if (level >= deepest || component.children.empty()) return;
  const std::vector<std::string> paths = child_paths(component, path);
  for (std::size_t i = 0; i < paths.size(); ++i) take_from(component.children[i], paths[i], out, level + 1);
}

}  // namespace

void Attributes::put(Attribute attribute) {
  const auto found = std::ranges::find(items_, attribute.key, &Attribute::key);
  if (found == items_.end()) {
    items_.push_back(std::move(attribute));
  } else {
    *found = std::move(attribute);
  }
}

void Attributes::set(std::string_view key, Value value, Show show) {
  put({std::string(key), std::move(value), show, std::nullopt});
}

void Attributes::set(std::string_view key, Value value, CheckState state) {
  put({std::string(key), std::move(value), Show::decimal, state});
}

const Value* Attributes::find(std::string_view key) const noexcept {
  const auto found = std::ranges::find(items_, key, &Attribute::key);
  return found == items_.end() ? nullptr : &found->value;
}

std::string Attributes::text(std::string_view key) const {
  const Value* value = find(key);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string() : *text;
}

std::vector<std::string> child_paths(const Component& parent, std::string_view path) {
  std::vector<std::string> out;
  std::map<std::string, std::size_t> count;
  std::set<std::string> used;
  for (const Component& child : parent.children) {
    std::string name = child.name.empty() ? child.kind : child.name;
    std::ranges::replace(name, '/', '_');
    if (!path.empty()) name.insert(0, std::string(path) + "/");
    std::size_t& seen = count[name];
    std::string unique = ++seen == 1 ? name : fmt::format("{}#{}", name, seen);
    while (!used.insert(unique).second) unique = fmt::format("{}#{}", name, ++seen);
    out.push_back(std::move(unique));
  }
  return out;
}

std::vector<Check> take_checks(Component& root) {
  std::vector<Check> out;
  take_from(root, {}, out, 0);
  return out;
}

// A component as the finder knows it: its children that have bytes, by where they begin, `reach` the furthest end up to
// and with each, so that a search backwards knows when nothing can follow.
struct PathFinder::Node {
  struct Child {
    std::uint64_t index = 0;
    Range range{};
    std::uint64_t reach = 0;
    std::unique_ptr<Node> node{};
  };

  const Component* component = nullptr;
  std::string path{};
  std::vector<std::string> names{};
  std::vector<Child> children{};

  Node(const Component& of, std::string its_path) : component(&of), path(std::move(its_path)) {
    if (of.children.empty()) return;
    names = child_paths(of, path);
    for (std::uint64_t i = 0; i < of.children.size(); ++i) {
      if (!of.children[i].range.empty()) children.push_back({i, of.children[i].range, 0, nullptr});
    }
    std::ranges::stable_sort(children, {}, [](const Child& child) { return child.range.offset; });
    std::uint64_t reach = 0;
    for (Child& child : children) child.reach = reach = std::max(reach, child.range.end());
  }

  // The child that holds the range; nullptr when none does.
  Node* inner(Range range) {
    auto after =
        std::ranges::upper_bound(children, range.offset, {}, [](const Child& child) { return child.range.offset; });
    while (after != children.begin()) {
      Child& child = *--after;
      if (child.reach < range.end()) return nullptr;
      if (!child.range.contains(range)) continue;
      if (!child.node) child.node = std::make_unique<Node>(component->children[child.index], names[child.index]);
      return child.node.get();
    }
    return nullptr;
  }
};

PathFinder::PathFinder(const Component& root) : root_(std::make_unique<Node>(root, std::string())) {}
PathFinder::~PathFinder() = default;
PathFinder::PathFinder(PathFinder&&) noexcept = default;
PathFinder& PathFinder::operator=(PathFinder&&) noexcept = default;

std::string PathFinder::path_of(Range range) {
  Node* at = root_.get();
  while (Node* inner = at->inner(range)) at = inner;
  return at->path;
}

}  // namespace quell
