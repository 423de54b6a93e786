// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>

#include "survey/compare/parts.h"

namespace quell::compare_detail {
namespace {

constexpr unsigned deepest = 64;

using Kind = StructureDifference::Kind;

class Differ {
 public:
  [[nodiscard]] std::vector<StructureDifference> take() && { return std::move(out_); }

  // Children are paired by kind and name, the second of two equal ones with the second.
  void children(const Component& before, const Component& after, const std::string& path, unsigned level) {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<const Component*>> waiting;
    for (const Component& child : after.children) waiting[{child.kind, child.name}].push_back(&child);
    for (auto& [key, list] : waiting) std::ranges::reverse(list);
    for (const Component& child : before.children) {
      auto& partners = waiting[{child.kind, child.name}];
      const std::string name = name_below(path, child);
      if (partners.empty()) {
        add(Kind::removed, name, child.kind, child.range, {});
        continue;
      }
      const Component& partner = *partners.back();
      partners.pop_back();
      pair(child, partner, name, level);
    }
    for (const Component& child : after.children) {
      const auto& partners = waiting[{child.kind, child.name}];
      const bool is_new = std::ranges::find(partners, &child) != partners.end();
      if (is_new) add(Kind::added, name_below(path, child), child.kind, {}, child.range);
    }
  }

 private:
  static std::string name_below(const std::string& path, const Component& child) {
    const std::string& name = child.name.empty() ? child.kind : child.name;
    return path.empty() ? name : path + " / " + name;
  }

  void pair(const Component& before, const Component& after, const std::string& path, unsigned level) {
    const bool placed = !before.range.empty() && !after.range.empty();
    if (placed && before.range.offset != after.range.offset) {
      add(Kind::moved, path, before.kind, before.range, after.range);
    } else if (before.range.size != after.range.size) {
      add(Kind::resized, path, before.kind, before.range, after.range);
    }
    if (level < deepest) children(before, after, path, level + 1);
  }

  void add(Kind kind, std::string path, const std::string& component, Range before, Range after) {
    out_.push_back({kind, std::move(path), component, before, after});
  }

  std::vector<StructureDifference> out_{};
};

// What moved along with its parent is told by the parent.
std::vector<StructureDifference> without_followers(std::vector<StructureDifference> list) {
  std::vector<StructureDifference> out;
  std::vector<const StructureDifference*> moved;
  for (const StructureDifference& difference : list) {
    while (!moved.empty() && !difference.path.starts_with(moved.back()->path + " / ")) moved.pop_back();
    const bool follows = !moved.empty() && difference.kind == Kind::moved &&
                         difference.before.offset - moved.back()->before.offset ==
                             difference.after.offset - moved.back()->after.offset &&
                         difference.before.size == difference.after.size;
    if (difference.kind == Kind::moved && !follows) moved.push_back(&difference);
    if (!follows) out.push_back(difference);
  }
  return out;
}

std::string region_or_root(const Report& report, const EngineReport& engine) {
  const std::string region = region_of(report.layout, engine.tree.range);
  return region.empty() ? engine.tree.name : region;
}

}  // namespace

std::vector<StructureDifference> compare_structures(const Report& before, const Report& after) {
  Differ differ;
  differ.children(before.layout, after.layout, "", 0);
  const std::size_t engines = std::min(before.engines.size(), after.engines.size());
  for (std::size_t i = 0; i < engines; ++i) {
    const EngineReport& old = before.engines[i];
    if (old.engine == after.engines[i].engine) {
      differ.children(old.tree, after.engines[i].tree, region_or_root(before, old), 0);
    }
  }
  return without_followers(std::move(differ).take());
}

namespace {

// What both sides say under one key.
struct Sides {
  std::optional<Attribute> before{};
  std::optional<Attribute> after{};
  [[nodiscard]] bool differ() const {
    if (!before || !after) return true;
    return before->value != after->value;
  }
};

// What an engine says of itself: its facts, and what can be done to it.
std::vector<Attribute> statements(const EngineReport& engine) {
  std::vector<Attribute> out(engine.facts.begin(), engine.facts.end());
  for (const Action& action : engine.actions) {
    out.push_back({"can " + action.id, std::string(to_string(action.state))});
  }
  return out;
}

Attribute title_of(const EngineReport& engine) { return {"title", engine.title}; }

}  // namespace

std::vector<FactDifference> compare_facts(const Report& before, const Report& after) {
  std::vector<FactDifference> out;
  const std::size_t engines = std::max(before.engines.size(), after.engines.size());
  for (std::size_t i = 0; i < engines; ++i) {
    const bool paired =
        i < before.engines.size() && i < after.engines.size() && before.engines[i].engine == after.engines[i].engine;
    if (!paired) {
      if (i < before.engines.size())
        out.push_back({before.engines[i].engine, "title", title_of(before.engines[i]), {}});
      if (i < after.engines.size()) out.push_back({after.engines[i].engine, "title", {}, title_of(after.engines[i])});
      continue;
    }
    std::map<std::string, Sides> sides;
    for (Attribute& said : statements(before.engines[i])) sides[said.key].before = std::move(said);
    for (Attribute& said : statements(after.engines[i])) sides[said.key].after = std::move(said);
    for (auto& [key, side] : sides) {
      if (side.differ()) out.push_back({before.engines[i].engine, key, std::move(side.before), std::move(side.after)});
    }
  }
  return out;
}

}  // namespace quell::compare_detail
