// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/json.h"

#include "quell/version.h"
#include "report/json_values.h"

namespace quell::report {
namespace {

template <class List>
Json array_of(const List& list) {
  Json out = Json::array();
  for (const auto& item : list) out.push_back(json_of(item));
  return out;
}

Json json_of_report(const Report& report) {
  Json out;
  out["file"] = report.file;
  out["size"] = report.size;
  out["sha256"] = to_hex(report.sha256);
  out["kind"] = report.what.kind;
  out["title"] = report.what.title;
  if (!report.what.next_step.empty()) out["next_step"] = report.what.next_step;
  out["body"] = json_of(report.what.body);
  out["layout"] = json_of(report.layout);
  out["checks"] = array_of(report.checks);
  if (report.bios) out["uefi"] = {{"facts", json_of(report.bios->facts)}, {"tree", json_of(report.bios->tree)}};
  out["engines"] = array_of(report.engines);
  out["findings"] = array_of(report.findings);
  return out;
}

}  // namespace

Json json_of(const std::vector<flash::WordDifference>& words) {
  Json out = Json::array();
  for (const flash::WordDifference& word : words) {
    out.push_back({{"name", word.name},
                   {"offset", word.offset},
                   {"before", word.before},
                   {"after", word.after},
                   {"meaning", word.meaning}});
  }
  return out;
}

Json json_of(const Value& value) {
  struct Visitor {
    Json operator()(Unknown) const { return nullptr; }
    Json operator()(bool flag) const { return flag; }
    Json operator()(std::uint64_t number) const { return number; }
    Json operator()(const std::string& text) const { return text; }
    Json operator()(const std::vector<std::string>& list) const { return list; }
  };
  return std::visit(Visitor{}, value);
}

Json json_of(Range range) { return {{"offset", range.offset}, {"size", range.size}}; }

Json json_of(const Attributes& attributes) {
  Json out = Json::object();
  for (const Attribute& attribute : attributes) out[attribute.key] = json_of(attribute.value);
  return out;
}

namespace {

Json json_of_tree(const Component& component, const std::string& path) {
  Json out;
  out["path"] = path;
  out["kind"] = component.kind;
  out["name"] = component.name;
  out["offset"] = component.range.offset;
  out["size"] = component.range.size;
  if (!component.attributes.empty()) out["attributes"] = json_of(component.attributes);
  if (component.children.empty()) return out;
  const std::vector<std::string> paths = child_paths(component, path);
  out["children"] = Json::array();
  for (std::size_t i = 0; i < paths.size(); ++i)
    out["children"].push_back(json_of_tree(component.children[i], paths[i]));
  return out;
}

}  // namespace

Json json_of(const Component& component) { return json_of_tree(component, {}); }

Json json_of(const Check& check) {
  Json out;
  out["question"] = to_string(check.question);
  out["state"] = to_string(check.state);
  out["path"] = check.node;
  out["subject"] = check.subject;
  if (!check.range.empty()) out["range"] = json_of(check.range);
  if (!check.reason.empty()) out["reason"] = check.reason;
  if (!check.algorithm.empty()) out["algorithm"] = check.algorithm;
  if (!check.stored.empty()) out["stored"] = check.stored;
  return out;
}

Json json_of(const Finding& finding) {
  Json out;
  out["id"] = finding.id;
  out["question"] = to_string(finding.question);
  out["severity"] = to_string(finding.severity);
  out["title"] = finding.title;
  if (!finding.detail.empty()) out["detail"] = finding.detail;
  if (!finding.advice.empty()) out["advice"] = finding.advice;
  if (finding.range) out["range"] = json_of(*finding.range);
  if (!finding.references.empty()) out["references"] = finding.references;
  return out;
}

Json json_of(const Action& action) {
  Json out;
  out["id"] = action.id;
  out["title"] = action.title;
  out["state"] = to_string(action.state);
  if (!action.reason.empty()) out["reason"] = action.reason;
  if (action.lifted_by) out["override"] = to_string(*action.lifted_by);
  if (!action.effects.empty()) out["effects"] = action.effects;
  return out;
}

Json json_of(const EngineReport& engine) {
  Json out;
  out["engine"] = engine.engine;
  out["title"] = engine.title;
  out["facts"] = json_of(engine.facts);
  out["checks"] = array_of(engine.checks);
  out["actions"] = array_of(engine.actions);
  out["findings"] = array_of(engine.findings);
  out["tree"] = json_of(engine.tree);
  return out;
}

std::string dump(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json document(std::string_view command) {
  Json out;
  out["schema"] = "quell/2";
  out["program"] = {{"name", "quell"}, {"version", version}};
  out["command"] = command;
  return out;
}

std::string to_json(std::string_view command, const std::vector<Report>& reports) {
  Json out = document(command);
  out["images"] = Json::array();
  for (const Report& report : reports) out["images"].push_back(json_of_report(report));
  return dump(out);
}

}  // namespace quell::report
