// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "report/answers.h"
#include "report/document_json.h"
#include "report/document_text.h"
#include "report/documents.h"
#include "report/json.h"
#include "report/text.h"

namespace quell::report {
namespace {

doc::Tone tone_of(Action::State state) {
  switch (state) {
    case Action::State::available: return doc::Tone::good;
    case Action::State::done: return doc::Tone::note;
    case Action::State::refused: return doc::Tone::bad;
    case Action::State::impossible: return doc::Tone::minor;
  }
  return doc::Tone::plain;
}

doc::Actions actions_of(const std::vector<Action>& actions) {
  doc::Actions out{"actions", {}};
  for (const Action& action : actions) {
    out.actions.push_back({action.id, action.title, to_string(action.state), tone_of(action.state), action.reason,
                           action.lifted_by, action.effects});
  }
  return out;
}

doc::Section section_of(const EngineReport& engine) {
  doc::Section out;
  out.field("engine", engine.engine).field("title", engine.title);
  doc::Value::List states;
  for (const EngineState state : engine.states) states.emplace_back(to_string(state));
  out.field("states", doc::Value(std::move(states)));
  out.show(doc::Heading{engine.title});
  for (const EngineState state : engine.states)
    out.show(doc::Line{{{fmt::format("  {}", to_string(state)), doc::Tone::title}}});
  out.add(answers_table(engine.answers));
  out.add(doc::facts_of("facts", engine.facts, 2));
  out.data(doc::checks_of("checks", engine.checks));
  const std::string_view name = engine.tree.name.empty() ? engine.tree.kind : engine.tree.name;
  const doc::Tree tree{"tree", fmt::format("Contents of {}", name), &engine.tree, {}};
  out.show(tree);
  out.add(actions_of(engine.actions));
  out.data(doc::findings_of("findings", engine.findings, doc::Findings::Form::grouped));
  out.data(tree);
  return out;
}

doc::Findings all_findings(const Report& report) {
  doc::Findings out = doc::findings_of("findings", report.findings, doc::Findings::Form::grouped);
  for (const EngineReport& engine : report.engines) {
    for (const Finding& finding : engine.findings) out.findings.push_back(&finding);
  }
  return out;
}

std::string one_line(const Report& report, const doc::Findings& findings) {
  std::string out = fmt::format("{}: {}", report.file, report.what.title);
  for (const EngineReport& engine : report.engines) {
    out.append("; ").append(engine.title);
    for (const EngineState state : engine.states) out.append(", ").append(to_string(state));
  }
  const auto all = [&findings](auto matches) { return std::ranges::count_if(findings.findings, matches); };
  const auto bad = all([](const Finding* finding) { return finding->severity >= Severity::error; });
  const auto odd = all([](const Finding* finding) { return finding->severity == Severity::warning; });
  if (bad != 0) out += fmt::format("; {} error{}", bad, bad == 1 ? "" : "s");
  if (odd != 0) out += fmt::format("; {} warning{}", odd, odd == 1 ? "" : "s");
  return out;
}

void add_head(doc::Section& out, const Report& report) {
  const std::string bytes = report.size % 1024 == 0 ? fmt::format(" ({} bytes)", report.size) : std::string();
  out.field("file", report.file)
      .field("size", {report.size, doc::As::size})
      .field("sha256", to_hex(report.sha256))
      .field("kind", report.what.kind)
      .field("title", report.what.title)
      .field_unless_empty("next_step", report.what.next_step)
      .field("body", report.what.body);
  out.show(doc::Line{{{report.file, doc::Tone::title}, {fmt::format(": {}", report.what.title)}}})
      .show(doc::Line{{{fmt::format("  {}{}", size_text(report.size), bytes)}}})
      .show(doc::Line{{{fmt::format("  SHA-256 {}", to_hex(report.sha256)), doc::Tone::minor}}});
  if (!report.what.next_step.empty()) out.show(doc::Paragraph{2, {"->"}, {report.what.next_step}});
}

}  // namespace

doc::Section section_of(const Report& report) {
  doc::Section out;
  const doc::Findings findings = all_findings(report);
  doc::Item line(doc::Line{{{one_line(report, findings)}}});
  line.from = -1;
  line.to = -1;
  out.show(std::move(line));
  add_head(out, report);
  // Only a descriptor claims to name every part of the flash.
  const doc::Tree::Map map{report.what.body, report.size, report.layout.kind == "layout"};
  out.add(doc::Tree{"layout", "Flash layout", &report.layout, map});
  out.data(doc::checks_of("checks", report.checks));
  if (report.bios) {
    out.show(doc::Heading{"UEFI firmware"});
    out.add(doc::facts_of("uefi", report.bios->facts, 2));
    out.add(doc::Tree{"uefi_tree", "What it holds", &report.bios->tree, {}});
  }
  doc::Sections engines{"engines", {}};
  for (const EngineReport& engine : report.engines) engines.sections.push_back(section_of(engine));
  out.add(std::move(engines));
  if (report.engines.empty()) out.show(doc::Line{}).show(doc::Line{{{"  No engine was found in this file."}}});
  out.data(doc::findings_of("findings", report.findings, doc::Findings::Form::grouped));
  if (!findings.findings.empty()) out.show(doc::Heading{"Findings"}).show(findings);
  return out;
}

doc::Document document_of(std::string_view command, std::span<const Report> reports) {
  doc::Document out{std::string(command), {}};
  doc::Sections images{"images", {}};
  for (const Report& report : reports) images.sections.push_back(section_of(report));
  out.body.add(std::move(images));
  return out;
}

std::string to_json(std::string_view command, const std::vector<Report>& reports) {
  return to_json(document_of(command, reports));
}

std::string to_text(const Report& report, const TextStyle& style) { return to_text(section_of(report), style); }

}  // namespace quell::report
