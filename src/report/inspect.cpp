// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "base/words.h"
#include "quell/survey/check.h"
#include "report/action_command.h"
#include "report/answers.h"
#include "report/boot_notes.h"
#include "report/check.h"
#include "report/document_json.h"
#include "report/document_text.h"
#include "report/documents.h"
#include "report/json.h"
#include "report/space.h"
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

// What is at stake: a bit that can be cleared again, firmware that only the original image brings back, or more.
std::string_view risk_of(const Action& action) {
  if (action.state == Action::State::refused) return "high";
  if (action.state != Action::State::available) return {};
  return action.id == "soft-disable" ? "low" : "moderate";
}

doc::Actions actions_of(const std::vector<Action>& actions, const std::string& file, OptionOf option_of) {
  doc::Actions out{"actions", {}};
  for (const Action& action : actions) {
    out.actions.push_back({action.id, action.title, to_string(action.state), tone_of(action.state), action.reason,
                           action.lifted_by, action.effects, action.costs, risk_of(action),
                           command_of(action, file, option_of)});
  }
  return out;
}

doc::Section section_of(const EngineReport& engine, const std::string& file, OptionOf option_of) {
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
  out.add(actions_of(engine.actions, file, option_of));
  doc::Findings findings = doc::findings_of("findings", engine.findings, doc::Findings::Form::grouped);
  findings.tree = &engine.tree;
  out.data(std::move(findings));
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
  if (bad != 0) out += "; " + count_text(static_cast<std::uint64_t>(bad), "error");
  if (odd != 0) out += "; " + count_text(static_cast<std::uint64_t>(odd), "warning");
  return out;
}

// The tree names the entries; this is how they come back.
void show_boot_commands(doc::Section& out, const Report& report) {
  const std::vector<BootNote> notes = boot_notes(report);
  if (std::ranges::all_of(notes, [](const BootNote& note) { return note.command.empty(); })) return;
  out.show(doc::Line{}).show(doc::Line{{{"  To make its boot entries again from Linux (note this before flashing)"}}});
  for (const BootNote& note : notes) {
    if (!note.command.empty()) out.show(doc::Line{{{fmt::format("    {}", note.command)}}});
  }
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

std::string verdict_text(const Report& report, const std::vector<CheckItem>& items, bool everything) {
  const auto failed = std::ranges::count(items, CheckItem::State::failed, &CheckItem::state);
  if (failed != 0) return fmt::format("not sound: {} of {} checks failed", failed, items.size());
  return (everything ? "sound" : "no fault found") + reservations(&report, items);
}

// The verdict of `check` with its questions: for programs, whose document of an image is one.
void add_verdict(doc::Section& out, const Report& report, const std::vector<CheckItem>& items, bool everything) {
  const std::string_view good = everything ? "sound" : "no fault found";
  out.field("depth", everything ? "everything" : "structure")
      .field("verdict", {sound(items) ? good : "not sound", doc::As::state})
      .field("verdict_text", verdict_text(report, items, everything));
  doc::Sections questions{"questions", {}};
  for (const CheckItem& item : items) {
    doc::Section& question = questions.sections.emplace_back();
    question.field("id", to_string(item.question))
        .field("title", item.title)
        .field("state", {to_string(item.state), doc::As::state})
        .field_unless_empty("note", item.note);
  }
  out.data(std::move(questions));
}

doc::Section image_section(const Report& report, const std::vector<CheckItem>& items, bool everything,
                           OptionOf option_of) {
  doc::Section out;
  const doc::Findings findings = all_findings(report);
  doc::Item line(doc::Line{{{one_line(report, findings)}}});
  line.from = -1;
  line.to = -1;
  out.show(std::move(line));
  add_head(out, report);
  add_verdict(out, report, items, everything);
  // Only a descriptor claims to name every part of the flash.
  const doc::Tree::Map map{report.what.body, report.size, report.layout.kind == "layout"};
  out.add(doc::Tree{"layout", "Flash layout", &report.layout, map});
  out.field("space", space_of(report));
  out.data(doc::checks_of("checks", report.checks));
  if (report.bios) {
    out.show(doc::Heading{"UEFI firmware"});
    out.add(doc::facts_of("uefi", report.bios->facts, 2));
    out.add(doc::Tree{"uefi_tree", "What it holds", &report.bios->tree, {}});
    show_boot_commands(out, report);
  }
  doc::Sections engines{"engines", {}};
  for (const EngineReport& engine : report.engines)
    engines.sections.push_back(section_of(engine, report.file, option_of));
  out.add(std::move(engines));
  if (report.engines.empty()) out.show(doc::Line{}).show(doc::Line{{{"  No engine was found in this file."}}});
  doc::Findings own = doc::findings_of("findings", report.findings, doc::Findings::Form::grouped);
  own.tree = &report.layout;
  out.data(std::move(own));
  if (!findings.findings.empty()) out.show(doc::Heading{"Findings"}).show(findings);
  return out;
}

}  // namespace

doc::Section section_of(const Report& report, OptionOf option_of) {
  return image_section(report, check_items(report), false, option_of);
}

doc::Section inspected(const Report& report, const std::vector<CheckItem>& items, OptionOf option_of) {
  return image_section(report, items, true, option_of);
}

doc::Section section_of(const UnreadFile& file) {
  doc::Section out;
  out.field("file", file.file).field("error", file.error.message);
  return out;
}

doc::Document document_of(std::string_view command, std::span<const InspectedFile> files, OptionOf option_of) {
  struct Visitor {
    OptionOf option_of;
    doc::Section operator()(const Report& report) const { return section_of(report, option_of); }
    doc::Section operator()(const UnreadFile& file) const { return section_of(file); }
  };
  doc::Document out{std::string(command), {}};
  doc::Sections images{"images", {}};
  for (const InspectedFile& file : files) images.sections.push_back(std::visit(Visitor{option_of}, file));
  out.body.add(std::move(images));
  return out;
}

doc::Document failed_document(std::string_view command, std::string_view error) {
  doc::Document out{std::string(command), {}};
  out.body.field("error", std::string(error));
  return out;
}

doc::Document document_of(std::string_view command, std::span<const Report> reports, OptionOf option_of) {
  doc::Document out{std::string(command), {}};
  doc::Sections images{"images", {}};
  for (const Report& report : reports) images.sections.push_back(section_of(report, option_of));
  out.body.add(std::move(images));
  return out;
}

std::string to_json(std::string_view command, const std::vector<Report>& reports, OptionOf option_of) {
  return to_json(document_of(command, reports, option_of));
}

std::string failure_json(std::string_view command, std::string_view error) {
  return to_json(failed_document(command, error));
}

std::string to_text(const Report& report, const TextStyle& style) { return to_text(section_of(report), style); }

}  // namespace quell::report
