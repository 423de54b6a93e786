// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "intel/advisories.h"
#include "report/answers.h"
#include "report/status.h"
#include "report/text_writer.h"

namespace quell::report {
namespace {

// Green is quiet, red needs an act, yellow is anything between.
Ink ink_of_verdict(const EngineStatus& engine) {
  if (is_off(engine.counts_as_disabled)) return Ink::green;
  if (engine.verdict == Verdict::watchdog_pending) return Ink::red;
  return Ink::yellow;
}

std::string text_of(const host::Fact& fact) {
  return printable(value_text({fact.key, fact.value, fact.show})) + (fact.certain ? "" : " (probably)");
}

Row fact_row(const host::Fact& fact, bool sources) {
  Row row = {{printable(fact.label), Ink::dim}, {text_of(fact)}};
  if (sources) {
    row.push_back({printable(fmt::format("{} ({}{})", fact.source, to_string(fact.freshness),
                                         fact.privilege == "none" ? "" : ", " + fact.privilege)),
                   Ink::dim});
  }
  return row;
}

void write_facts(TextWriter& writer, const std::vector<host::Fact>& facts) {
  std::vector<Row> rows;
  rows.reserve(facts.size());
  for (const host::Fact& fact : facts) rows.push_back(fact_row(fact, writer.style().verbosity > 0));
  writer.table(2, rows);
}

void write_registers(TextWriter& writer, const EngineStatus& engine) {
  for (const RegisterReading& reading : engine.readings) {
    std::string line = reading.source + ":";
    for (std::size_t i = 0; i < reading.registers.size(); ++i) {
      const auto& value = reading.registers.at(i);
      if (value) line += fmt::format(" {}={:08x}", i + 1, *value);
    }
    writer.item(2, {"HFSTS", Ink::dim}, printable(line));
  }
  std::vector<Row> rows;
  for (const Field& field : engine.fields) {
    const std::string place = field.high == field.low ? fmt::format("{}[{}]", field.number, field.high)
                                                      : fmt::format("{}[{}:{}]", field.number, field.high, field.low);
    rows.push_back({{place, Ink::dim, true},
                    {field.title},
                    {fmt::format("{}{}", field.text, field.certain ? "" : " (probably)")}});
  }
  writer.table(4, rows);
}

void write_attempts(TextWriter& writer, const std::vector<host::Attempt>& attempts) {
  for (const host::Attempt& attempt : attempts) {
    writer.item(2, {"tried", Ink::dim},
                printable(fmt::format("{}: {}, {}", attempt.source, to_string(attempt.reach), attempt.reason)),
                Ink::dim);
  }
}

// Advisories by number in one line; in full with -v.
void write_engine_findings(TextWriter& writer, const EngineStatus& engine) {
  std::vector<const Finding*> shown;
  std::string numbers;
  for (const Finding& finding : engine.findings) {
    const bool sure = finding.id == intel::advisory_finding_id;
    const bool advisory = sure || finding.id == intel::unconfirmed_advisory_finding_id;
    if (advisory && writer.style().verbosity < 1) {
      const std::string number = finding.references.empty() ? finding.title : finding.references.front();
      if (numbers.find(number) == std::string::npos)
        numbers += (numbers.empty() ? "" : ", ") + number + (sure ? "" : "?");
    } else {
      shown.push_back(&finding);
    }
  }
  if (!numbers.empty())
    writer.item(2, {"advisories that match", Ink::dim},
                printable(numbers) + " (? first fixed build not confirmed; -v for details)");
  write_findings(writer, shown);
}

void write_engine(TextWriter& writer, const EngineStatus& engine) {
  writer.heading(printable(engine.title));
  const std::string verdict = writer.paint(ink_of_verdict(engine), engine.verdict_title);
  writer.line(fmt::format("  {} ({} certainty)", verdict, to_string(engine.certainty)));
  writer.paragraph(2, printable(engine.meaning));
  write_answers(writer, 2, engine.answers);
  write_facts(writer, engine.facts);
  if (writer.style().verbosity > 0) write_registers(writer, engine);
  write_engine_findings(writer, engine);
  if (!engine.advice.empty()) writer.item(2, {"next", Ink::bold}, printable(engine.advice));
  for (const QuietingOption& option : engine.options)
    writer.item(2, {"firmware option", Ink::dim}, printable(option.text));
  if (writer.style().verbosity > 1 || engine.verdict == Verdict::unknown) write_attempts(writer, engine.attempts);
}

void write_machine(TextWriter& writer, const HostStatus& status) {
  writer.heading(status.live ? "This machine" : "Captured machine");
  std::vector<Row> rows;
  for (const host::Fact& fact : status.machine) rows.push_back(fact_row(fact, false));
  if (status.virtual_machine) rows.push_back({{"virtual machine", Ink::dim}, {"yes"}});
  if (!status.collected_at.empty()) rows.push_back({{"looked at", Ink::dim}, {printable(status.collected_at)}});
  writer.table(2, rows);
}

std::string verdict_lines(const HostStatus& status) {
  std::string out;
  for (const EngineStatus& engine : status.engines)
    out.append(printable(fmt::format("{}: {}", engine.title, engine.verdict_title))).append("\n");
  return out.empty() ? (status.virtual_machine ? "no engine visible (virtual machine)\n" : "no engine found\n") : out;
}

}  // namespace

std::string to_text(const HostStatus& status, const TextStyle& style) {
  if (style.verbosity < 0) return verdict_lines(status);
  TextWriter writer(style);
  writer.paragraph(0, printable(status.summary), Ink::bold);
  write_machine(writer, status);
  for (const EngineStatus& engine : status.engines) write_engine(writer, engine);
  writer.heading("Around it");
  std::vector<Row> rows;
  for (const host::Section& section : status.sections)
    rows.push_back({{section.title, Ink::dim}, {printable(section.summary)}});
  writer.table(2, rows);
  if (style.verbosity > 0) {
    for (const host::Section& section : status.sections) {
      write_facts(writer, section.facts);
      if (style.verbosity > 1) write_attempts(writer, section.attempts);
    }
  }
  for (const std::string& note : status.notes) {
    writer.line();
    writer.paragraph(0, printable(note));
  }
  if (!status.root_adds.empty()) {
    writer.heading("As root, this would be added");
    for (const std::string& source : status.root_adds) writer.line("  " + printable(source));
  }
  return std::move(writer).take();
}

}  // namespace quell::report
