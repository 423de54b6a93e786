// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "report/answers.h"
#include "report/json_values.h"
#include "report/status.h"

namespace quell::report {
namespace {

template <class List, class Function>
Json array_of(const List& list, Function convert) {
  Json out = Json::array();
  for (const auto& item : list) out.push_back(convert(item));
  return out;
}

Json json_of_fact(const host::Fact& fact) {
  Json out;
  out["key"] = fact.key;
  out["label"] = fact.label;
  out["value"] = json_of(fact.value);
  out["source"] = fact.source;
  out["privilege"] = fact.privilege;
  out["confidence"] = to_string(fact.freshness);
  if (!fact.certain) out["probably"] = true;
  return out;
}

Json json_of_attempt(const host::Attempt& attempt) {
  return {{"source", attempt.source}, {"outcome", to_string(attempt.reach)}, {"reason", attempt.reason}};
}

Json json_of_reading(const RegisterReading& reading) {
  Json registers = Json::object();
  for (std::size_t i = 0; i < reading.registers.size(); ++i) {
    const auto& value = reading.registers.at(i);
    if (value) registers[fmt::format("hfsts{}", i + 1)] = fmt::format("0x{:08x}", *value);
  }
  return {{"source", reading.source}, {"confidence", to_string(reading.freshness)}, {"registers", registers}};
}

Json json_of_field(const Field& field) {
  Json out;
  out["key"] = field.key;
  out["title"] = field.title;
  out["register"] = field.number;
  out["bits"] = {field.high, field.low};
  out["value"] = field.value;
  if (!field.name.empty()) out["name"] = field.name;
  if (!field.certain) out["probably"] = true;
  return out;
}

Json json_of_engine(const EngineStatus& engine) {
  Json out;
  out["engine"] = engine.engine;
  out["name"] = engine.name;
  out["title"] = engine.title;
  out["verdict"] = to_string(engine.verdict);
  out["verdict_title"] = engine.verdict_title;
  out["meaning"] = engine.meaning;
  out["certainty"] = to_string(engine.certainty);
  out["counts_as_disabled"] = to_string(engine.counts_as_disabled);
  out["answers"] = json_of(engine.answers);
  if (!engine.advice.empty()) out["advice"] = engine.advice;
  out["registers"] = array_of(engine.readings, json_of_reading);
  out["fields"] = array_of(engine.fields, json_of_field);
  out["facts"] = array_of(engine.facts, json_of_fact);
  out["findings"] = array_of(engine.findings, [](const Finding& finding) { return json_of(finding); });
  out["tried"] = array_of(engine.attempts, json_of_attempt);
  out["options"] = array_of(engine.options, [](const QuietingOption& option) { return option.text; });
  return out;
}

Json json_of_section(const host::Section& section) {
  Json out;
  out["key"] = section.key;
  out["title"] = section.title;
  out["summary"] = section.summary;
  out["facts"] = array_of(section.facts, json_of_fact);
  out["tried"] = array_of(section.attempts, json_of_attempt);
  return out;
}

}  // namespace

std::string to_json(const HostStatus& status) {
  Json out = document("status");
  out["collected_at"] = status.collected_at.empty() ? Json(nullptr) : Json(status.collected_at);
  out["live"] = status.live;
  out["summary"] = status.summary;
  out["virtual_machine"] = status.virtual_machine;
  out["machine"] = array_of(status.machine, json_of_fact);
  out["engines"] = array_of(status.engines, json_of_engine);
  out["sections"] = array_of(status.sections, json_of_section);
  out["findings"] = array_of(status.findings, [](const Finding& finding) { return json_of(finding); });
  out["notes"] = status.notes;
  out["root_would_add"] = status.root_adds;
  return dump(out);
}

}  // namespace quell::report
