// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/page/labels.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "quell/statement.h"
#include "report/document_text.h"
#include "survey/trees.h"

namespace quell::report {
namespace {

struct Label {
  std::string_view id;
  std::string_view words;
};

constexpr std::array<Label, 17> states = {
    Label{"held", "held"},      {"failed", "failed"},   {"absent", "absent"},   {"not-checked", "not checked"},
    {"passed", "passed"},       {"warned", "warned"},   {"unknown", "unknown"}, {"not applicable", "not applicable"},
    {"available", "available"}, {"done", "done"},       {"refused", "refused"}, {"impossible", "impossible"},
    {"unused", "unused"},       {"overlap", "overlap"}, {"sound", "sound"},     {"no fault found", "no fault found"},
    {"not sound", "not sound"}};

constexpr std::array<Label, 10> checks = {Label{"size", "size"},
                                          {"blank", "blank areas"},
                                          {"repeated", "repeated areas"},
                                          {"regions", "regions"},
                                          {"descriptor", "flash descriptor"},
                                          {"signatures", "signatures"},
                                          {"checksums", "checksums"},
                                          {"digests", "digests"},
                                          {"structure", "structure"},
                                          {"access", "access rights"}};

constexpr std::array<Label, 3> risks = {Label{"low", "one setting changes, and can be set back"},
                                        {"moderate", "firmware is removed: only the original image brings it back"},
                                        {"high", "refused for safety: the machine may not start with the result"}};

template <std::size_t Count>
doc::Value table_of(const std::array<Label, Count>& labels) {
  doc::Value::Object out;
  for (const Label& label : labels) out.push_back({std::string(label.id), label.words});
  return out;
}

doc::Value severities() {
  doc::Value::Object out;
  for (const Severity one : {Severity::info, Severity::warning, Severity::error, Severity::critical}) {
    out.push_back({std::string(to_string(one)), to_string(one)});
  }
  return out;
}

doc::Value answers() {
  doc::Value::Object out;
  for (const KnownQuestion& one : known_questions()) out.push_back({std::string(one.id), one.heading});
  return out;
}

doc::Value words_of_keys(const std::set<std::string>& keys) {
  doc::Value::Object out;
  for (const std::string& key : keys) {
    std::string words = words_of_key(key);
    std::ranges::replace(words, '-', ' ');
    out.push_back({key, std::move(words)});
  }
  return out;
}

struct Keys {
  std::set<std::string> attributes{};
  std::set<std::string> kinds{};

  void add(const Attributes& all) {
    for (const Attribute& one : all) attributes.insert(one.key);
  }
  // NOLINTNEXTLINE(misc-no-recursion): as deep as the tree
  void add(const Component& component) {
    kinds.insert(component.kind);
    add(component.attributes);
    for (const Component& child : component.children) add(child);
  }
};

}  // namespace

doc::Value labels_of(const Report* report) {
  doc::Value::Object out{{"answers", answers()},
                         {"checks", table_of(checks)},
                         {"states", table_of(states)},
                         {"severities", severities()},
                         {"risks", table_of(risks)}};
  if (report == nullptr) return out;
  Keys keys;
  for (const NamedTree& tree : trees_of(*report)) keys.add(*tree.root);
  if (report->bios) keys.add(report->bios->facts);
  for (const EngineReport& engine : report->engines) keys.add(engine.facts);
  keys.kinds.insert({"unused", "overlap"});
  keys.kinds.erase("");
  out.push_back({"attributes", words_of_keys(keys.attributes)});
  out.push_back({"kinds", words_of_keys(keys.kinds)});
  return out;
}

}  // namespace quell::report
