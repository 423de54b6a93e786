// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/component.h"

#include <algorithm>

namespace quell {

void Attributes::set(std::string_view key, Value value, Show show) {
  const auto found = std::ranges::find(items_, key, &Attribute::key);
  if (found == items_.end()) {
    items_.push_back({std::string(key), std::move(value), show});
  } else {
    *found = {std::string(key), std::move(value), show};
  }
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
