// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/report_markdown.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "quell/version.h"

#include "report/answers.h"
#include "report/boot_notes.h"
#include "report/markdown.h"
#include "report/text.h"

namespace quell::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string layout_of(const Report& report) {
  Rows rows{{"region", "place", "size"}};
  for (const Component& part : report.layout.children)
    rows.push_back({markdown(part.name), range_text(part.range), size_text(part.range.size)});
  return rows.size() == 1 ? std::string() : markdown_heading(2, "Layout") + markdown_table(rows);
}

std::string engine_of(const EngineReport& engine) {
  std::string out = markdown_heading(2, engine.title);
  Rows rows{{"", ""}};
  for (const ShortAnswer& answer : engine.answers)
    rows.push_back({markdown(heading_of(answer.asked)), markdown(answer_text(answer))});
  for (const Attribute& fact : engine.facts) rows.push_back({markdown(fact.key), markdown(value_text(fact))});
  out += markdown_table(rows);
  if (engine.actions.empty()) return out;
  Rows actions{{"what can be done", "", "why"}};
  for (const Action& action : engine.actions)
    actions.push_back({markdown(action.title), std::string(to_string(action.state)), markdown(action.reason)});
  return out + "\n" + markdown_table(actions);
}

std::string boot_entries_of(const Report& report) {
  Rows rows{{"boot entry", "starts", "made again by"}};
  for (const BootNote& note : boot_notes(report)) {
    rows.push_back(
        {markdown(fmt::format("{} {}", note.name, note.description)), markdown(note.path), markdown(note.command)});
  }
  if (rows.size() == 1) return {};
  return markdown_heading(2, "Boot entries: note them before flashing") + markdown_table(rows);
}

void add_findings(Rows& rows, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings)
    rows.push_back({std::string(to_string(finding.severity)), markdown(finding.title), markdown(finding.advice)});
}

std::string verdict_of(const CheckedFile& checked) {
  if (checked.items.empty()) return {};
  Rows rows{{"is the dump sound?", "", ""}};
  for (const CheckItem& item : checked.items) {
    if (item.state != CheckItem::State::inapplicable)
      rows.push_back({markdown(item.title), std::string(to_string(item.state)), markdown(item.note)});
  }
  return fmt::format("\n**{}**\n\n{}", sound(checked.items) ? "sound" : "not sound", markdown_table(rows));
}

std::string foot() { return fmt::format("\nWritten by quell {}.\n", version); }

std::string live_engine_of(const EngineStatus& engine) {
  std::string out = markdown_heading(2, engine.title);
  Rows rows{{"", ""}};
  rows.push_back(
      {"state", fmt::format("{} ({} certainty)", markdown(engine.verdict_title), to_string(engine.certainty))});
  for (const ShortAnswer& answer : engine.answers)
    rows.push_back({markdown(heading_of(answer.asked)), markdown(answer_text(answer))});
  for (const host::Fact& fact : engine.facts)
    rows.push_back({markdown(fact.label), markdown(value_text(Attribute{fact.key, fact.value, fact.show, {}}))});
  out += markdown_table(rows);
  if (!engine.advice.empty()) out += fmt::format("\n{}\n", markdown(engine.advice));
  return out;
}

}  // namespace

std::string to_markdown(const CheckedFile& checked) {
  const Report& report = *checked.report;
  std::string out =
      fmt::format("# {}\n\n{}, {}, SHA-256 `{}`\n", markdown(std::filesystem::path(report.file).filename().string()),
                  markdown(report.what.title), size_text(report.size), to_hex(report.sha256));
  out += verdict_of(checked);
  out += layout_of(report);
  out += boot_entries_of(report);
  Rows findings{{"severity", "finding", "what to do"}};
  add_findings(findings, report.findings);
  for (const EngineReport& engine : report.engines) {
    out += engine_of(engine);
    add_findings(findings, engine.findings);
  }
  if (findings.size() > 1) out.append(markdown_heading(2, "Findings")).append(markdown_table(findings));
  out += foot();
  return out;
}

std::string to_markdown(const HostStatus& status) {
  std::string out =
      fmt::format("# {}\n\n{}\n\n", status.live ? "This machine" : "A captured machine", markdown(status.summary));
  Rows machine{{"", ""}};
  for (const host::Fact& fact : status.machine)
    machine.push_back({markdown(fact.label), markdown(value_text(Attribute{fact.key, fact.value, fact.show, {}}))});
  out += markdown_table(machine);
  Rows findings{{"severity", "finding", "what to do"}};
  add_findings(findings, status.findings);
  for (const EngineStatus& engine : status.engines) {
    out += live_engine_of(engine);
    add_findings(findings, engine.findings);
  }
  Rows around{{"around it", ""}};
  for (const host::Section& section : status.sections)
    around.push_back({markdown(section.title), markdown(section.summary)});
  if (around.size() > 1) out.append("\n").append(markdown_table(around));
  if (findings.size() > 1) out.append(markdown_heading(2, "Findings")).append(markdown_table(findings));
  out += foot();
  return out;
}

}  // namespace quell::report
