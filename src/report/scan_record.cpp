// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/scan_record.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/split.h"
#include "intel/advisories.h"
#include "report/document_json.h"
#include "report/documents.h"

namespace quell::report {
namespace {

std::string_view word_of(Manageability::Stack stack) {
  switch (stack) {
    case Manageability::Stack::not_told: break;
    case Manageability::Stack::none: return "none";
    case Manageability::Stack::present: return "present";
  }
  return "not-told";
}

std::string_view word_of(Manageability::SetUp set_up) {
  switch (set_up) {
    case Manageability::SetUp::not_told: break;
    case Manageability::SetUp::no: return "no";
    case Manageability::SetUp::under_way: return "under-way";
    case Manageability::SetUp::yes: return "yes";
  }
  return "not-told";
}

// What came of the checks, counted by question and state; only what there is.
doc::Value::Object counted(const std::vector<Check>& checks) {
  std::map<std::pair<Question, CheckState>, std::uint64_t> counts;
  for (const Check& check : checks) ++counts[{check.question, check.state}];
  doc::Value::Object out;
  for (const auto& [what, count] : counts) {
    const std::string_view question = to_string(what.first);
    if (out.empty() || out.back().key != question) out.push_back({std::string(question), doc::Value::Object()});
    std::get<doc::Value::Object>(out.back().value.content)
        .push_back({std::string(to_string(what.second)), doc::Value(count)});
  }
  return out;
}

// The attributes that name a public key, and what kind of name they are.
struct KeyName {
  std::string_view attribute;
  std::string_view form;
};
constexpr std::array key_names{KeyName{"key_md5", "md5"}, KeyName{"key_sha256_modulus", "modulus-sha256"},
                               KeyName{"key_id", "amd-key-id"}};

struct Key {
  std::optional<std::uint64_t> bits{};
  std::uint64_t places = 0;
};
using Keys = std::map<std::pair<std::string_view, std::string>, Key>;

// NOLINTNEXTLINE(misc-no-recursion): as deep as the tree
void collect_keys(const Component& component, Keys& keys) {
  for (const KeyName& name : key_names) {
    const std::string id = component.attributes.text(name.attribute);
    if (id.empty()) continue;
    Key& key = keys[{name.form, id}];
    ++key.places;
    const Value* bits = component.attributes.find("key_bits");
    const auto* number = bits == nullptr ? nullptr : std::get_if<std::uint64_t>(bits);
    if (number != nullptr) key.bits = *number;
  }
  for (const Component& child : component.children) collect_keys(child, keys);
}

doc::Value::List keys_of(const Component& tree) {
  Keys keys;
  collect_keys(tree, keys);
  doc::Value::List out;
  for (const auto& [name, key] : keys) {
    doc::Value::Object object{{"form", doc::Value(name.first)}, {"id", doc::Value(name.second)}};
    if (key.bits) object.push_back({"bits", doc::Value(*key.bits)});
    object.push_back({"places", doc::Value(key.places)});
    out.emplace_back(std::move(object));
  }
  return out;
}

doc::Section record_of(const EngineReport& engine) {
  doc::Section out;
  out.field("id", engine.engine).field("title", engine.title);
  out.field_unless_empty("family", engine.facts.text("family"));
  out.field_unless_empty("version", engine.facts.text("version"));
  doc::Value::List states;
  for (const EngineState state : engine.states) states.emplace_back(to_string(state));
  out.field("states", std::move(states));
  for (const Attribute& fact : engine.facts) {
    if (fact.key == "disable_bit_set") out.field(fact.key, doc::Value(fact));
  }
  out.field("network_stack", word_of(engine.manageability.stack));
  out.field("network_set_up", word_of(engine.manageability.set_up));
  out.field("checks", counted(engine.checks)).field("keys", keys_of(engine.tree));
  out.data(doc::facts_of("facts", engine.facts, 0));
  doc::Value::List actions;
  for (const Action& action : engine.actions) {
    actions.emplace_back(
        doc::Value::Object{{"id", doc::Value(action.id)}, {"state", doc::Value(to_string(action.state))}});
  }
  return out.field("actions", std::move(actions));
}

void add_findings(doc::Value::List& out, const std::vector<Finding>& findings, std::string_view engine) {
  for (const Finding& finding : findings) {
    doc::Value::Object object{{"id", doc::Value(finding.id)},
                              {"severity", doc::Value(to_string(finding.severity))},
                              {"question", doc::Value(to_string(finding.question))}};
    if (!engine.empty()) object.push_back({"engine", doc::Value(engine)});
    object.push_back({"subject", doc::Value(finding.title)});
    if (finding.range) object.push_back({"offset", doc::Value(finding.range->offset)});
    out.emplace_back(std::move(object));
  }
}

void add_advisories(doc::Value::List& out, const EngineReport& engine) {
  for (const Finding& finding : engine.findings) {
    const bool confirmed = finding.id == intel::advisory_finding_id;
    if ((!confirmed && finding.id != intel::unconfirmed_advisory_finding_id) || finding.references.empty()) continue;
    doc::Value::List cves;
    for (std::size_t i = 1; i < finding.references.size(); ++i) {
      for (const std::string_view cve : words_of(finding.references[i], ';')) cves.emplace_back(cve);
    }
    out.emplace_back(doc::Value::Object{{"id", doc::Value(finding.references.front())},
                                        {"engine", doc::Value(engine.engine)},
                                        {"confirmed", doc::Value(confirmed)},
                                        {"severity", doc::Value(to_string(finding.severity))},
                                        {"cves", doc::Value(std::move(cves))}});
  }
}

// The report without what an image line says already, or what depends on the file.
doc::Section tree_of(const Report& report) {
  doc::Section out = section_of(report);
  out.key = "tree";
  std::erase_if(out.items, [](const doc::Item& item) {
    const auto* field = std::get_if<doc::Field>(&item.what);
    return field != nullptr && (field->key == "file" || field->key == "size" || field->key == "sha256");
  });
  return out;
}

// An object without its braces.
std::string members_of(const doc::Section& section) {
  const std::string object = to_json(section, Layout::one_line);
  return object.substr(1, object.size() - 2);
}

}  // namespace

std::string scan_members(const Report& report, bool tree) {
  doc::Section out;
  out.field("kind", report.what.kind).field("title", report.what.title).field("checks", counted(report.checks));
  doc::Sections engines{"engines", {}};
  doc::Value::List findings;
  doc::Value::List advisories;
  add_findings(findings, report.findings, {});
  for (const EngineReport& engine : report.engines) {
    engines.sections.push_back(record_of(engine));
    add_findings(findings, engine.findings, engine.engine);
    add_advisories(advisories, engine);
  }
  out.data(std::move(engines)).field("findings", std::move(findings)).field("advisories", std::move(advisories));
  if (tree) out.data(tree_of(report));
  return members_of(out);
}

std::string scan_members(const Recognition& what) {
  doc::Section out;
  out.field("kind", what.kind).field("title", what.title).field("checks", doc::Value::Object());
  for (const char* list : {"engines", "findings", "advisories"}) out.field(list, doc::Value::List());
  return members_of(out);
}

}  // namespace quell::report
