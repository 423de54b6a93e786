// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/document_json.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/printable.h"
#include "quell/version.h"
#include "report/document_text.h"

namespace quell::report {
namespace {

using Json = nlohmann::ordered_json;

class Printer {
 public:
  explicit Printer(bool identifiers) noexcept : identifiers_(identifiers) {}

  void add(Json& out, const doc::Section& section) const {
    for (const doc::Item& item : section.items) {
      if (item.audience == doc::Audience::people) continue;
      std::visit([&](const auto& what) { put(out, what); }, item.what);
    }
  }

 private:
  // NOLINTBEGIN(misc-no-recursion): as deep as the document
  [[nodiscard]] Json of(const doc::Value& value) const {
    return std::visit([&](const auto& content) { return of(content, value.as); }, value.content);
  }
  [[nodiscard]] static Json of(Unknown, doc::As) { return nullptr; }
  [[nodiscard]] static Json of(bool flag, doc::As) { return flag; }
  [[nodiscard]] static Json of(std::uint64_t number, doc::As) { return number; }
  [[nodiscard]] Json of(const std::string& text, doc::As as) const {
    return as == doc::As::identifier && !identifiers_ ? masked(text) : text;
  }
  [[nodiscard]] static Json of(Range range, doc::As) { return {{"offset", range.offset}, {"size", range.size}}; }
  [[nodiscard]] Json of(const doc::Value::List& list, doc::As) const {
    Json out = Json::array();
    for (const doc::Value& value : list) out.push_back(of(value));
    return out;
  }
  [[nodiscard]] Json of(const doc::Value::Object& object, doc::As) const {
    Json out = Json::object();
    for (const doc::Field& field : object) out[field.key] = of(field.value);
    return out;
  }

  [[nodiscard]] static Json of(const Check& check, std::string_view engine) {
    Json out;
    out["question"] = to_string(check.question);
    out["state"] = to_string(check.state);
    out["path"] = check.node;
    out["subject"] = check.subject;
    if (!check.range.empty()) out["range"] = of(check.range, doc::As::plain);
    if (!check.reason.empty()) out["reason"] = check.reason;
    if (!check.algorithm.empty()) out["algorithm"] = check.algorithm;
    if (!check.stored.empty()) out["stored"] = check.stored;
    if (!engine.empty()) out["engine"] = engine;
    return out;
  }

  [[nodiscard]] static Json of(const Finding& finding, PathFinder* tree) {
    Json out;
    out["id"] = finding.id;
    out["question"] = to_string(finding.question);
    out["severity"] = to_string(finding.severity);
    out["title"] = finding.title;
    if (!finding.detail.empty()) out["detail"] = finding.detail;
    if (!finding.advice.empty()) out["advice"] = finding.advice;
    if (finding.range) out["range"] = of(*finding.range, doc::As::plain);
    if (finding.range && tree != nullptr) out["path"] = tree->path_of(*finding.range);
    if (!finding.references.empty()) out["references"] = finding.references;
    return out;
  }

  [[nodiscard]] static Json of(const doc::Action& action) {
    Json out;
    out["id"] = action.id;
    out["title"] = action.title;
    out["state"] = action.state;
    if (!action.reason.empty()) out["reason"] = action.reason;
    for (const Override one : action.lifted_by.list()) out["overrides"].push_back(to_string(one));
    // The effects end with the costs, in words.
    for (const std::string& effect : action.effects) out["effects"].push_back(effect);
    for (const std::string& cost : action.costs) out["effects"].push_back(std::string(cost_lead) + cost);
    for (const std::string& cost : action.costs) out["costs"].push_back(cost);
    if (!action.risk.empty()) out["risk"] = action.risk;
    if (!action.command.empty()) out["command"] = action.command;
    return out;
  }

  [[nodiscard]] Json of(const Component& component, const std::string& path) const {
    Json out;
    out["path"] = path;
    out["kind"] = component.kind;
    out["name"] = component.name;
    out["offset"] = component.range.offset;
    out["size"] = component.range.size;
    if (!component.attributes.empty()) out["attributes"] = of(doc::fields_of(component.attributes), doc::As::plain);
    if (component.children.empty()) return out;
    const std::vector<std::string> paths = child_paths(component, path);
    out["children"] = Json::array();
    for (std::size_t i = 0; i < paths.size(); ++i) out["children"].push_back(of(component.children[i], paths[i]));
    return out;
  }

  static void put(Json&, const doc::Heading&) {}
  static void put(Json&, const doc::Line&) {}
  static void put(Json&, const doc::Paragraph&) {}

  void put(Json& out, const doc::Field& field) const { out[field.key] = of(field.value); }

  void put(Json& out, const doc::Facts& facts) const {
    Json into = Json::object();
    Json& target = facts.key.empty() ? out : into;
    for (const doc::Fact& fact : facts.facts) target[fact.key] = of(fact.value);
    if (!facts.key.empty()) out[facts.key] = std::move(into);
  }

  void put(Json& out, const doc::Table& table) const {
    Json rows = Json::array();
    for (const doc::Row& row : table.rows) {
      if (row.audience == doc::Audience::people) continue;
      Json object;
      for (std::size_t i = 0; i < std::min(row.cells.size(), table.columns.size()); ++i) {
        if (table.columns[i].audience == doc::Audience::people || !row.cells[i].value) continue;
        object[table.columns[i].key] = of(*row.cells[i].value);
      }
      rows.push_back(std::move(object));
    }
    out[table.key] = std::move(rows);
  }

  static void put(Json& out, const doc::Findings& findings) {
    Json list = Json::array();
    std::optional<PathFinder> tree;
    if (findings.tree != nullptr) tree.emplace(*findings.tree);
    for (const Finding* finding : findings.findings) list.push_back(of(*finding, tree ? &*tree : nullptr));
    out[findings.key] = std::move(list);
  }

  static void put(Json& out, const doc::Checks& checks) {
    Json list = Json::array();
    for (const doc::Checks::Item& item : checks.checks) list.push_back(of(*item.check, item.engine));
    out[checks.key] = std::move(list);
  }

  static void put(Json& out, const doc::Actions& actions) {
    Json list = Json::array();
    for (const doc::Action& action : actions.actions) list.push_back(of(action));
    out[actions.key] = std::move(list);
  }

  void put(Json& out, const doc::Tree& tree) const {
    if (tree.root != nullptr) out[tree.key] = of(*tree.root, std::string());
  }

  void put(Json& out, const doc::Section& section) const {
    if (section.key.empty()) return add(out, section);
    Json object = Json::object();
    add(object, section);
    out[section.key] = std::move(object);
  }

  void put(Json& out, const doc::Sections& sections) const {
    Json list = Json::array();
    for (const doc::Section& section : sections.sections) {
      Json object = Json::object();
      add(object, section);
      list.push_back(std::move(object));
    }
    out[sections.key] = std::move(list);
  }
  // NOLINTEND(misc-no-recursion)

  bool identifiers_;
};

std::string text_of(const Json& json, Layout layout) {
  return printable_json(json.dump(layout == Layout::indented ? 2 : -1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

std::string to_json(const doc::Document& document, bool identifiers, Layout layout) {
  Json out;
  out["schema"] = "quell/2";
  out["program"] = {{"name", "quell"}, {"version", version}};
  out["command"] = document.command;
  Printer(identifiers).add(out, document.body);
  return text_of(out, layout) + "\n";
}

std::string to_json(const doc::Section& section, Layout layout) {
  Json out = Json::object();
  Printer(false).add(out, section);
  return text_of(out, layout);
}

}  // namespace quell::report
