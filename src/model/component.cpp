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

Located locate(const Component& root, Range range) {
  if (!root.range.contains(range)) return {};
  Located here{&root, root.name};
  const Component* current = &root;
  while (current != nullptr) {
    const Component* smallest = nullptr;
    for (const Component& child : current->children) {
      const bool holds = !child.range.empty() && child.range.contains(range);
      if (holds && (smallest == nullptr || child.range.size < smallest->range.size)) smallest = &child;
    }
    if (smallest != nullptr) {
      here.component = smallest;
      if (!smallest->name.empty()) here.path += (here.path.empty() ? "" : " / ") + smallest->name;
    }
    current = smallest;
  }
  return here;
}

}  // namespace quell
