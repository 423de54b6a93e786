// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/status.h"

#include <fmt/format.h>

#include "engine/live_states.h"
#include "intel/advisories.h"
#include "report/answers.h"
#include "report/document_json.h"
#include "report/document_text.h"
#include "report/documents.h"

namespace quell::report {
namespace {

using doc::Audience;
using doc::Tone;

// Good is quiet, bad needs an act, odd is anything between.
Tone tone_of(const EngineStatus& engine) {
  if (is_off(engine.counts_as_disabled)) return Tone::good;
  return engine.verdict == Verdict::watchdog_pending ? Tone::bad : Tone::odd;
}

doc::Cell probably(bool certain) {
  doc::Cell out;
  if (!certain) out.value = doc::Value(true);
  return out;
}

doc::Table facts_table(std::string_view key, const std::vector<host::Fact>& facts) {
  doc::Table out{.key = std::string(key), .form = doc::Table::Form::aligned};
  out.columns = {{"key", {}, Audience::programs},
                 {"label"},
                 {"value"},
                 {"source", {}, Audience::programs},
                 {"privilege", {}, Audience::programs},
                 {"confidence", {}, Audience::programs},
                 {"probably", {}, Audience::programs},
                 {.audience = Audience::people, .from = 1}};
  for (const host::Fact& fact : facts) {
    const doc::Value value(Attribute{fact.key, fact.value, fact.show, {}});
    const std::string privilege = fact.privilege == "none" ? "" : fmt::format(", {}", fact.privilege);
    const int from = fact.key.ends_with("_raw") ? 1 : 0;  // the words stand beside it
    out.rows.push_back({{fact.key,
                         {fact.label, Tone::minor},
                         {value, fmt::format("{}{}", words_of(value), fact.certain ? "" : " (probably)")},
                         fact.source,
                         fact.privilege,
                         to_string(fact.freshness),
                         probably(fact.certain),
                         {fmt::format("{} ({}{})", fact.source, to_string(fact.freshness), privilege), Tone::minor}},
                        from});
  }
  return out;
}

doc::Table readings_table(const std::vector<RegisterReading>& readings) {
  doc::Table out{.key = "registers", .form = doc::Table::Form::wrapped};
  out.columns = {{{}, {}, Audience::people},
                 {"source", {}, Audience::programs},
                 {"confidence", {}, Audience::programs},
                 {"registers"}};
  for (const RegisterReading& reading : readings) {
    std::string line = fmt::format("{}:", reading.source);
    doc::Value::Object registers;
    for (std::size_t i = 0; i < reading.registers.size(); ++i) {
      const auto& value = reading.registers.at(i);
      if (!value) continue;
      line += fmt::format(" {}={:08x}", i + 1, *value);
      registers.push_back({fmt::format("hfsts{}", i + 1), fmt::format("0x{:08x}", *value)});
    }
    out.rows.push_back(
        {{{"HFSTS", Tone::minor}, reading.source, to_string(reading.freshness), {doc::Value(registers), line}}});
  }
  return out;
}

std::string place_of(const Field& field) {
  return field.high == field.low ? fmt::format("{}[{}]", field.number, field.high)
                                 : fmt::format("{}[{}:{}]", field.number, field.high, field.low);
}

doc::Table fields_table(const std::vector<Field>& fields) {
  doc::Table out{.key = "fields", .indent = 4};
  out.columns = {{.audience = Audience::people, .right = true},
                 {"key", {}, Audience::programs},
                 {"title"},
                 {"register", {}, Audience::programs},
                 {"bits", {}, Audience::programs},
                 {"value"},
                 {"name", {}, Audience::programs},
                 {"probably", {}, Audience::programs}};
  for (const Field& field : fields) {
    const doc::Value::List bits{std::uint64_t{field.high}, std::uint64_t{field.low}};
    doc::Cell name;
    if (!field.name.empty()) name = field.name;
    out.rows.push_back(
        {{{place_of(field), Tone::minor},
          field.key,
          field.title,
          doc::Value(std::uint64_t{field.number}),
          doc::Value(bits),
          {std::uint64_t{field.value}, fmt::format("{}{}", field.text, field.certain ? "" : " (probably)")},
          name,
          probably(field.certain)}});
  }
  return out;
}

doc::Table attempts_table(const std::vector<host::Attempt>& attempts) {
  doc::Table out{.key = "tried", .form = doc::Table::Form::wrapped};
  out.columns = {{{}, {}, Audience::people},
                 {"source", {}, Audience::programs},
                 {"outcome", {}, Audience::programs},
                 {"reason", {}, Audience::programs},
                 {{}, {}, Audience::people}};
  for (const host::Attempt& attempt : attempts) {
    out.rows.push_back(
        {{{"tried", Tone::minor},
          attempt.source,
          to_string(attempt.reach),
          attempt.reason,
          {fmt::format("{}: {}, {}", attempt.source, to_string(attempt.reach), attempt.reason), Tone::minor}}});
  }
  return out;
}

// Advisories by number in one line; in full with more verbosity.
void show_findings(doc::Section& out, const std::vector<Finding>& findings) {
  std::string numbers;
  doc::Findings others;
  for (const Finding& finding : findings) {
    const bool sure = finding.id == intel::advisory_finding_id;
    if (!sure && finding.id != intel::unconfirmed_advisory_finding_id) {
      others.findings.push_back(&finding);
      continue;
    }
    const std::string& number = finding.references.empty() ? finding.title : finding.references.front();
    if (numbers.find(number) != std::string::npos) continue;
    numbers += fmt::format("{}{}{}", numbers.empty() ? "" : ", ", number, sure ? "" : "?");
  }
  if (!numbers.empty()) {
    out.show(doc::Paragraph{2,
                            {"advisories that match", Tone::minor},
                            {fmt::format("{} (? first fixed build not confirmed; -v for details)", numbers)}});
    out.items.back().to = 0;
  }
  out.show(std::move(others));
  out.items.back().to = 0;
  out.show(doc::findings_of({}, findings, doc::Findings::Form::grouped), 1);
}

doc::Value states_value(Verdict verdict) {
  doc::Value::List states;
  for (const EngineState state : states_of(verdict)) states.emplace_back(to_string(state));
  return doc::Value(std::move(states));
}

void add_verdict(doc::Section& out, const EngineStatus& engine) {
  out.field("engine", engine.engine)
      .field("name", engine.name)
      .field("title", engine.title)
      .field("verdict", {to_string(engine.verdict), doc::As::state})
      .field("verdict_title", engine.verdict_title)
      .field("states", states_value(engine.verdict))
      .field("meaning", engine.meaning)
      .field("certainty", to_string(engine.certainty))
      .field("counts_as_disabled", {to_string(engine.counts_as_disabled), doc::As::state});
  out.show(doc::Heading{engine.title})
      .show(doc::Line{{{"  "},
                       {engine.verdict_title, tone_of(engine)},
                       {fmt::format(" ({} certainty)", to_string(engine.certainty))}}})
      .show(doc::Paragraph{2, {}, {engine.meaning}});
  for (const EngineState state : states_of(engine.verdict))
    out.show(doc::Line{{{fmt::format("  {}", to_string(state)), Tone::title}}});
  out.add(answers_table(engine.answers)).field_unless_empty("advice", engine.advice);
}

doc::Section section_of(const EngineStatus& engine) {
  doc::Section out;
  add_verdict(out, engine);
  const doc::Table facts = facts_table("facts", engine.facts);
  out.show(facts);
  out.add(readings_table(engine.readings)).items.back().from = 1;
  out.add(fields_table(engine.fields)).items.back().from = 1;
  out.data(facts);
  out.data(doc::findings_of("findings", engine.findings, doc::Findings::Form::grouped));
  show_findings(out, engine.findings);
  if (!engine.advice.empty()) out.show(doc::Paragraph{2, {"next", Tone::title}, {engine.advice}});
  doc::Value::List options;
  for (const QuietingOption& option : engine.options) {
    options.emplace_back(option.text);
    out.show(doc::Paragraph{2, {"what can be done", Tone::minor}, {option.text}});
  }
  out.add(attempts_table(engine.attempts)).items.back().from = engine.verdict == Verdict::unknown ? 0 : 2;
  out.field("options", std::move(options));
  return out;
}

doc::Section section_of(const host::Section& section) {
  doc::Section out;
  out.field("key", section.key).field("title", section.title).field("summary", section.summary);
  out.add(facts_table("facts", section.facts)).items.back().from = 1;
  out.add(attempts_table(section.attempts)).items.back().from = 2;
  return out;
}

doc::Table machine_table(const HostStatus& status) {
  doc::Table out = facts_table("machine", status.machine);
  out.columns.pop_back();  // the sources
  const auto add = [&out](std::string_view label, std::string_view words) {
    out.rows.push_back({{{}, {label, Tone::minor}, words}, 0, Audience::people});
  };
  if (status.virtual_machine) add("virtual machine", "yes");
  if (!status.collected_at.empty()) add("looked at", status.collected_at);
  return out;
}

void show_verdicts(doc::Section& out, const HostStatus& status) {
  std::vector<std::string> lines;
  for (const EngineStatus& engine : status.engines) {
    lines.push_back(fmt::format("{}: {}", engine.title, engine.verdict_title));
  }
  if (lines.empty())
    lines.emplace_back(status.virtual_machine ? "no engine visible (virtual machine)" : "no engine found");
  for (std::string& line : lines) {
    out.show(doc::Line{{{std::move(line)}}}, -1);
    out.items.back().to = -1;
  }
}

void add_surroundings(doc::Section& out, const HostStatus& status) {
  doc::Table summaries{.columns = {{{}, {}, Audience::people}, {{}, {}, Audience::people}},
                       .form = doc::Table::Form::aligned};
  doc::Sections sections{"sections", {}};
  for (const host::Section& section : status.sections) {
    summaries.rows.push_back({{{section.title, Tone::minor}, section.summary}});
    sections.sections.push_back(section_of(section));
  }
  out.show(doc::Heading{"Around it"}).show(std::move(summaries)).add(std::move(sections));
}

// Where a reader who knows nothing of these computers goes on.
std::string pointer_to_explain(const HostStatus& status) {
  std::string engines;
  for (const EngineStatus& engine : status.engines) {
    if (engines.find(engine.engine) != std::string::npos) continue;
    engines += fmt::format("{}`quell explain {}`", engines.empty() ? "" : ", ", engine.engine);
  }
  return fmt::format("What that is, what it can do and what is known of it: {}.", engines);
}

}  // namespace

doc::Document document_of(const HostStatus& status) {
  doc::Document out{"status", {}};
  doc::Section& body = out.body;
  show_verdicts(body, status);
  body.field("collected_at",
             status.collected_at.empty() ? doc::Value() : doc::Value(status.collected_at, doc::As::time))
      .field("live", status.live)
      .field("summary", status.summary)
      .field("virtual_machine", status.virtual_machine);
  body.show(doc::Paragraph{0, {}, {status.summary, Tone::title}});
  body.show(doc::Heading{status.live ? "This machine" : "Captured machine"}).add(machine_table(status));
  doc::Sections engines{"engines", {}};
  for (const EngineStatus& engine : status.engines) engines.sections.push_back(section_of(engine));
  body.add(std::move(engines));
  add_surroundings(body, status);
  body.data(doc::findings_of("findings", status.findings, doc::Findings::Form::grouped));
  body.field("notes", status.notes).field("root_would_add", status.root_adds);
  for (const std::string& note : status.notes) body.show(doc::Line{}).show(doc::Paragraph{0, {}, {note}});
  if (!status.engines.empty()) body.show(doc::Line{}).show(doc::Paragraph{0, {}, {pointer_to_explain(status)}});
  if (!status.root_adds.empty()) body.show(doc::Heading{"As root, this would be added"});
  for (const std::string& source : status.root_adds) body.show(doc::Line{{{fmt::format("  {}", source)}}});
  return out;
}

std::string to_json(const HostStatus& status) { return to_json(document_of(status)); }

std::string to_text(const HostStatus& status, const TextStyle& style) {
  return to_text(document_of(status).body, style);
}

}  // namespace quell::report
