// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "survey/compare/parts.h"
#include "survey/trees.h"

namespace quell::compare_detail {
namespace {

constexpr unsigned deepest = 64;

using Kind = StructureDifference::Kind;

// The bytes of components, compared by digest; hostile images may name the same bytes again and again, so that what is
// looked at altogether is limited.
class Contents {
 public:
  Contents(ByteView before, ByteView after)
      : before_(before), after_(after), budget_(4 * (before.size() + after.size())) {}

  // Nothing for what has no bytes, or where the limit is reached.
  std::optional<Sha256> of_before(const Component& component) { return digest(before_, component.range); }
  std::optional<Sha256> of_after(const Component& component) { return digest(after_, component.range); }

  // Whether both hold the same bytes; nothing where one has none.
  std::optional<bool> same(const Component& before, const Component& after) {
    if (before.range.empty() || after.range.empty()) return std::nullopt;
    if (before.range.size != after.range.size) return false;
    if (2 * before.range.size > budget_) return std::nullopt;
    budget_ -= 2 * before.range.size;
    return equal(before_.clip(before.range).bytes(), after_.clip(after.range).bytes());
  }

 private:
  std::optional<Sha256> digest(ByteView image, Range range) {
    const ByteView bytes = image.clip(range);
    if (bytes.empty() || bytes.size() != range.size || bytes.size() > budget_) return std::nullopt;
    budget_ -= bytes.size();
    return sha256(bytes.bytes());
  }

  ByteView before_;
  ByteView after_;
  std::uint64_t budget_;
};

using Group = std::vector<const Component*>;

// Pairs the parts of one kind and name: the same content at the same place, the same content, the same place, the rest
// in order. `partners` has, for every one of `before`, its partner or nullptr.
class GroupMatcher {
 public:
  GroupMatcher(const Group& before, const Group& after, Contents& contents)
      : before_(before), after_(after), partners_(before.size(), nullptr), contents_(contents) {}

  std::vector<const Component*> partners() && {
    if (before_.size() == 1 && after_.size() == 1) return {after_.front()};
    by_content();
    by_place();
    in_order();
    return std::move(partners_);
  }

 private:
  void take(std::size_t i, const Component* partner) {
    partners_[i] = partner;
    taken_.insert(partner);
  }

  void by_content() {
    std::multimap<Sha256, const Component*> waiting;
    for (const Component* one : after_) {
      if (const auto digest = contents_.of_after(*one)) waiting.emplace(*digest, one);
    }
    std::vector<std::optional<Sha256>> digests;
    for (const Component* one : before_) digests.push_back(contents_.of_before(*one));
    for (const bool in_place : {true, false}) {
      for (std::size_t i = 0; i < before_.size(); ++i) {
        if (partners_[i] != nullptr || !digests[i]) continue;
        const auto [first, last] = waiting.equal_range(*digests[i]);
        constexpr int most_tries = 64;
        int tries = 0;
        for (auto at = first; at != last && tries < most_tries; ++at, ++tries) {
          if (in_place && at->second->range.offset != before_[i]->range.offset) continue;
          take(i, at->second);
          waiting.erase(at);
          break;
        }
      }
    }
  }

  void by_place() {
    std::map<std::uint64_t, const Component*> places;
    for (const Component* one : after_) {
      if (!taken_.contains(one) && !one->range.empty()) places.emplace(one->range.offset, one);
    }
    for (std::size_t i = 0; i < before_.size(); ++i) {
      const auto at = partners_[i] == nullptr ? places.find(before_[i]->range.offset) : places.end();
      if (at == places.end()) continue;
      take(i, at->second);
      places.erase(at);
    }
  }

  void in_order() {
    auto next = after_.begin();
    for (std::size_t i = 0; i < before_.size(); ++i) {
      if (partners_[i] != nullptr) continue;
      while (next != after_.end() && taken_.contains(*next)) ++next;
      if (next == after_.end()) return;
      take(i, *next);
    }
  }

  const Group& before_;
  const Group& after_;
  std::vector<const Component*> partners_;
  std::set<const Component*> taken_{};
  Contents& contents_;
};

// A part without a partner.
struct Single {
  std::string path{};
  std::string anchor{};
  const Component* component = nullptr;
  std::size_t difference = 0;  // its place in the list; nowhere: told by that of its parent
};
constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
constexpr std::uint64_t telling = 64;  // fewer bytes, or bytes of one value, are alike by chance

// A part of both sides by its names: in words, and in the trees of either.
struct Names {
  std::string path{};
  std::string anchor{};
  std::string anchor_after{};
};
struct OneSide {
  std::string path{};
  std::string anchor{};
};

class Differ {
 public:
  Differ(ByteView before, ByteView after) : contents_(before, after) {}

  [[nodiscard]] Matching take() && {
    pair_by_content();
    std::erase_if(out_.differences, [](const StructureDifference& one) { return one.component.empty(); });
    return std::move(out_);
  }

  void children(const Component& before, const Component& after, const Names& at, unsigned level) {
    std::map<std::pair<std::string_view, std::string_view>, std::pair<Group, Group>> groups;
    for (const Component& child : before.children) groups[{child.kind, child.name}].first.push_back(&child);
    for (const Component& child : after.children) groups[{child.kind, child.name}].second.push_back(&child);
    std::map<const Component*, const Component*> partners;
    std::set<const Component*> taken;
    for (const auto& [key, group] : groups) {
      const auto found = GroupMatcher(group.first, group.second, contents_).partners();
      for (std::size_t i = 0; i < found.size(); ++i) {
        partners[group.first[i]] = found[i];
        taken.insert(found[i]);
      }
    }
    const std::vector<std::string> anchors = child_paths(before, at.anchor);
    std::map<const Component*, std::string> anchors_after = anchors_below(after, at.anchor_after);
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      const Component& child = before.children[i];
      Names names{name_below(at.path, child), anchors[i], {}};
      if (const Component* partner = partners[&child]) {
        names.anchor_after = anchors_after[partner];
        pair(child, *partner, names, level);
      } else {
        take_single(removed_, child, {names.path, names.anchor}, out_.differences.size(), level);
        add(Kind::removed, names, child.kind, child.range, {});
      }
    }
    for (const Component& child : after.children) {
      if (taken.contains(&child)) continue;
      const Names names{name_below(at.path, child), {}, anchors_after[&child]};
      take_single(added_, child, {names.path, names.anchor_after}, out_.differences.size(), level);
      add(Kind::added, names, child.kind, {}, child.range);
    }
  }

 private:
  static std::string name_below(const std::string& path, const Component& child) {
    const std::string& name = child.name.empty() ? child.kind : child.name;
    return path.empty() ? name : fmt::format("{} / {}", path, name);
  }

  static std::map<const Component*, std::string> anchors_below(const Component& parent, std::string_view anchor) {
    std::vector<std::string> anchors = child_paths(parent, anchor);
    std::map<const Component*, std::string> out;
    for (std::size_t i = 0; i < anchors.size(); ++i) out.emplace(&parent.children[i], std::move(anchors[i]));
    return out;
  }

  void pair(const Component& before, const Component& after, const Names& names, unsigned level) {
    const bool placed = !before.range.empty() && !after.range.empty();
    if (placed && before.range.offset != after.range.offset) {
      add(Kind::moved, names, before.kind, before.range, after.range);
      out_.differences.back().same_content = contents_.same(before, after);
      out_.moved.push_back({names.path, &before, &after, names.anchor, names.anchor_after});
    } else if (before.range.size != after.range.size) {
      add(Kind::resized, names, before.kind, before.range, after.range);
    }
    if (level < deepest) children(before, after, names, level + 1);
  }

  // The part and all below it, which may be parts of another parent on the other side.
  static void take_single(std::vector<Single>& list, const Component& component, const OneSide& names,
                          std::size_t difference, unsigned level) {
    list.push_back({names.path, names.anchor, &component, difference});
    if (level >= deepest) return;
    const std::vector<std::string> anchors = child_paths(component, names.anchor);
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      const Component& child = component.children[i];
      take_single(list, child, {name_below(names.path, child), anchors[i]}, nowhere, level + 1);
    }
  }

  using Waiting = std::multimap<std::pair<std::string_view, Sha256>, const Single*>;

  // What went from one parent, or lost its name, and came to another with the same bytes, has moved.
  void pair_by_content() {
    Waiting waiting;
    for (const Single& one : added_) {
      out_.added.push_back(one.component);
      if (one.component->range.size < telling) continue;
      const auto digest = contents_.of_after(*one.component);
      if (digest) waiting.emplace(std::pair(std::string_view(one.component->kind), *digest), &one);
    }
    std::string whole;  // the path of the last one that was paired with all below it
    for (const Single& one : removed_) {
      if (waiting.empty()) return;
      if (one.component->range.size < telling || (!whole.empty() && one.path.starts_with(whole))) continue;
      const auto digest = contents_.of_before(*one.component);
      if (!digest) continue;
      const auto partner = waiting.find(std::pair(std::string_view(one.component->kind), *digest));
      if (partner == waiting.end()) continue;
      pair_singles(one, *partner->second);
      waiting.erase(partner);
      whole = fmt::format("{} / ", one.path);
    }
  }

  void pair_singles(const Single& gone, const Single& come) {
    if (gone.difference == nowhere) {
      add(Kind::moved, {gone.path, gone.anchor, {}}, gone.component->kind, gone.component->range,
          come.component->range);
    }
    StructureDifference& difference =
        gone.difference == nowhere ? out_.differences.back() : out_.differences[gone.difference];
    difference.kind = Kind::moved;
    difference.after = come.component->range;
    difference.path_after = come.path;
    difference.anchor_after = come.anchor;
    difference.same_content = true;
    if (come.difference != nowhere) out_.differences[come.difference].component.clear();
    out_.moved.push_back({gone.path, gone.component, come.component, gone.anchor, come.anchor});
    take_along(*gone.component, 0);
  }

  // What lay in a part that moved with all its bytes.
  void take_along(const Component& component, unsigned level) {
    for (const Component& child : component.children) {
      out_.carried.push_back(&child);
      if (level < deepest) take_along(child, level + 1);
    }
  }

  void add(Kind kind, const Names& names, const std::string& component, Range before, Range after) {
    out_.differences.push_back({kind, names.path, component, before, after, {}, {}, names.anchor, names.anchor_after});
  }

  Contents contents_;
  Matching out_{};
  std::vector<Single> removed_{};
  std::vector<Single> added_{};
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
                         difference.before.size == difference.after.size && difference.path_after.empty() &&
                         difference.same_content == true;
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

Matching match_parts(const Report& before_report, ByteView before, const Report& after_report, ByteView after) {
  Differ differ(before, after);
  differ.children(before_report.layout, after_report.layout, {{}, std::string(layout_tree), std::string(layout_tree)},
                  0);
  const std::vector<std::string> trees = engine_trees(before_report);
  const std::vector<std::string> trees_after = engine_trees(after_report);
  const std::size_t engines = std::min(before_report.engines.size(), after_report.engines.size());
  for (std::size_t i = 0; i < engines; ++i) {
    const EngineReport& old = before_report.engines[i];
    if (old.engine == after_report.engines[i].engine) {
      differ.children(old.tree, after_report.engines[i].tree,
                      {region_or_root(before_report, old), trees[i], trees_after[i]}, 0);
    }
  }
  Matching out = std::move(differ).take();
  out.differences = without_followers(std::move(out.differences));
  return out;
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
  std::vector<std::string> states;
  for (const EngineState state : engine.states) states.emplace_back(to_string(state));
  if (!states.empty()) out.push_back({"state", std::move(states)});
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
