// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/text.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "report/text_writer.h"

namespace quell::report {
namespace {

constexpr unsigned deepest = 64;          // levels of a tree that are printed at all
constexpr std::size_t effects_shown = 8;  // lines of an action's effects before "and N more"

// "lower_snake_case" as words.
std::string words_of(std::string_view key) {
  std::string out = printable(key);
  std::ranges::replace(out, '_', ' ');
  return out;
}

// Attributes whose value says enough without their name.
bool speaks_for_itself(std::string_view key) {
  constexpr std::array<std::string_view, 9> keys{"title", "type",  "compression", "state",  "content",
                                                 "class", "label", "description", "meaning"};
  return std::ranges::find(keys, key) != keys.end();
}

// What is worth saying of a component in one row: its own summary where it has one, else its attributes; at a glance
// only as many as fit a line of a wide terminal.
std::string notes_of(const Component& component, int verbosity) {
  constexpr std::size_t enough = 90;    // columns after which no further attribute is begun
  constexpr std::size_t longest = 110;  // that one may reach
  std::string out;
  if (const std::string summary = component.attributes.text("summary"); !summary.empty() && verbosity < 2) {
    return printable(summary);
  }
  for (const Attribute& attribute : component.attributes) {
    // The columns before say it already.
    if (attribute.key == "offset" || attribute.key == "size" || attribute.key == "summary") continue;
    if (verbosity < 1 && columns(out) > enough) return out + ", ...";
    const bool* flag = std::get_if<bool>(&attribute.value);
    if (flag != nullptr && !*flag) continue;
    std::string note = speaks_for_itself(attribute.key) ? value_text(attribute) : words_of(attribute.key);
    if (flag == nullptr && !speaks_for_itself(attribute.key)) note += " " + value_text(attribute);
    out += (out.empty() ? "" : ", ") + note;
  }
  return verbosity < 1 ? shortened(out, longest) : out;
}

// "12 modules, 1 manifest": what a folded component holds.
std::string folded(const Component& component) {
  std::vector<std::pair<std::string, std::size_t>> counts;
  for (const Component& child : component.children) {
    const auto found = std::ranges::find(counts, child.kind, [](const auto& pair) { return pair.first; });
    if (found == counts.end()) {
      counts.emplace_back(child.kind, 1);
    } else {
      ++found->second;
    }
  }
  std::string out;
  for (const auto& [kind, count] : counts) {
    const std::string name = words_of(kind);
    const bool plural = count != 1 && !name.ends_with('s') && !name.ends_with("data");
    const bool irregular = name.ends_with('y') && !name.ends_with("ey");
    const std::string_view stem = plural && irregular ? std::string_view(name).substr(0, name.size() - 1) : name;
    out += fmt::format("{}{} {}{}", out.empty() ? "" : ", ", count, stem,
                       !plural                ? ""
                       : irregular            ? "ies"
                       : name.ends_with("sh") ? "es"
                                              : "s");
  }
  return out;
}

std::string name_of(const Component& component) {
  return printable(component.name.empty() ? component.kind : component.name);
}

void add_rows(std::vector<Row>& rows, const Component& parent, unsigned level, unsigned unfolded, int verbosity) {
  if (level >= deepest) return;
  for (const Component& child : parent.children) {
    const bool unfold = level + 1 < unfolded;
    std::string notes = notes_of(child, verbosity);
    if (!child.children.empty() && !unfold) notes += (notes.empty() ? "" : "; ") + folded(child);
    rows.push_back({{std::string(std::size_t{2} * level, ' ') + name_of(child)},
                    {range_text(child.range), Ink::dim},
                    {child.range.empty() ? "" : size_text(child.range.size), Ink::plain, true},
                    {notes}});
    if (unfold) add_rows(rows, child, level + 1, unfolded, verbosity);
  }
}

// Levels of a tree to show.
unsigned levels(int verbosity) {
  if (verbosity <= 0) return 1;
  return verbosity == 1 ? 3 : deepest;
}

void write_layout(TextWriter& writer, const Report& report) {
  if (report.layout.children.empty()) return;
  std::vector<const Component*> regions;
  for (const Component& child : report.layout.children) regions.push_back(&child);
  std::ranges::stable_sort(regions, {}, [](const Component* c) { return c->range.offset; });
  writer.heading("Flash layout");
  std::vector<Row> rows;
  const Range file{0, report.size};
  std::uint64_t position = report.what.body.offset;
  const auto gap_until = [&](std::uint64_t end) {
    const Range gap = Range::between(position, std::min(end, report.what.body.end()));
    // Only a descriptor claims to name every part of the flash.
    if (gap.empty() || report.layout.kind != "layout") return;
    rows.push_back(
        {{"-", Ink::dim}, {range_text(gap), Ink::dim}, {size_text(gap.size), Ink::dim, true}, {"no region", Ink::dim}});
  };
  for (const Component* region : regions) {
    gap_until(region->range.offset);
    position = std::max(position, region->range.end());
    const bool missing = !file.contains(region->range) && !region->range.empty();
    rows.push_back({{name_of(*region)},
                    {range_text(region->range), Ink::dim},
                    {region->range.empty() ? "" : size_text(region->range.size), Ink::plain, true},
                    {notes_of(*region, writer.style().verbosity) + (missing ? " (not wholly in this file)" : ""),
                     missing ? Ink::yellow : Ink::plain}});
    if (writer.style().verbosity > 0) {
      add_rows(rows, *region, 1, levels(writer.style().verbosity), writer.style().verbosity);
    }
  }
  gap_until(report.what.body.end());
  writer.table(2, rows);
}

Ink ink_of_state(Action::State state) {
  switch (state) {
    case Action::State::available: return Ink::green;
    case Action::State::done: return Ink::cyan;
    case Action::State::refused: return Ink::red;
    case Action::State::impossible: return Ink::dim;
  }
  return Ink::plain;
}

std::string_view override_word(const TextStyle& style, const Action& action) {
  if (!action.lifted_by) return {};
  return style.option_of != nullptr ? style.option_of(*action.lifted_by) : to_string(*action.lifted_by);
}

void write_actions(TextWriter& writer, const EngineReport& engine) {
  if (engine.actions.empty()) return;
  writer.line();
  writer.line(writer.paint(Ink::bold, "  What can be done"));
  for (const Action& action : engine.actions) {
    writer.item(4, {fmt::format("{:10}", to_string(action.state)), ink_of_state(action.state)},
                printable(action.title));
    if (!action.reason.empty()) writer.paragraph(15, printable(action.reason), Ink::dim);
    if (const auto word = override_word(writer.style(), action); !word.empty())
      writer.item(15, {"override:"}, std::string(word));
    const bool all = writer.style().verbosity > 0 || action.effects.size() <= effects_shown + 1;
    const std::size_t shown = all ? action.effects.size() : effects_shown;
    for (std::size_t i = 0; i < shown; ++i) writer.item(15, {"-"}, printable(action.effects[i]));
    if (!all) {
      writer.paragraph(15, fmt::format("- and {} more (-v)", action.effects.size() - shown), Ink::dim);
    }
  }
}

Ink ink_of_fact(const Attribute& fact) { return std::holds_alternative<Unknown>(fact.value) ? Ink::dim : Ink::plain; }

void write_engine(TextWriter& writer, const EngineReport& engine) {
  writer.heading(printable(engine.title));
  write_facts(writer, 2, engine.facts);
  if (!engine.tree.children.empty()) {
    std::vector<Row> rows;
    add_rows(rows, engine.tree, 0, levels(writer.style().verbosity), writer.style().verbosity);
    writer.line();
    writer.line(writer.paint(Ink::bold, fmt::format("  Contents of {}", name_of(engine.tree))));
    writer.table(4, rows);
  }
  write_actions(writer, engine);
}

void write_bios(TextWriter& writer, const Report& report) {
  if (!report.bios) return;
  writer.heading("UEFI firmware");
  write_facts(writer, 2, report.bios->facts);
  if (report.bios->tree.children.empty()) return;
  std::vector<Row> rows;
  add_rows(rows, report.bios->tree, 0, levels(writer.style().verbosity), writer.style().verbosity);
  writer.line();
  writer.table(4, rows);
}

std::vector<const Finding*> all_findings(const Report& report) {
  std::vector<const Finding*> out;
  for (const Finding& finding : report.findings) out.push_back(&finding);
  for (const EngineReport& engine : report.engines) {
    for (const Finding& finding : engine.findings) out.push_back(&finding);
  }
  return out;
}

std::string one_line(const Report& report) {
  std::string out = fmt::format("{}: {}", printable(report.file), printable(report.what.title));
  for (const EngineReport& engine : report.engines) out += "; " + printable(engine.title);
  const auto findings = all_findings(report);
  const auto bad = std::ranges::count_if(findings, [](const Finding* f) { return f->severity >= Severity::error; });
  const auto odd = std::ranges::count_if(findings, [](const Finding* f) { return f->severity == Severity::warning; });
  if (bad != 0) out += fmt::format("; {} error{}", bad, bad == 1 ? "" : "s");
  if (odd != 0) out += fmt::format("; {} warning{}", odd, odd == 1 ? "" : "s");
  return out + "\n";
}

}  // namespace

void write_facts(TextWriter& writer, std::size_t indent, const Attributes& facts) {
  std::size_t widest = 0;
  for (const Attribute& fact : facts) widest = std::max(widest, columns(words_of(fact.key)));
  for (const Attribute& fact : facts) {
    const Cell lead{fmt::format("{:{}} ", words_of(fact.key), widest), Ink::dim};
    writer.item(indent, lead, value_text(fact), ink_of_fact(fact));
  }
}

std::string to_text(const Report& report, const TextStyle& style) {
  if (style.verbosity < 0) return one_line(report);
  TextWriter writer(style);
  writer.line(writer.paint(Ink::bold, printable(report.file)) + ": " + printable(report.what.title));
  writer.line(fmt::format("  {}{}", size_text(report.size),
                          report.size % 1024 == 0 ? fmt::format(" ({} bytes)", report.size) : std::string()));
  writer.line(writer.paint(Ink::dim, fmt::format("  SHA-256 {}", to_hex(report.sha256))));
  if (!report.what.next_step.empty()) writer.item(2, {"->"}, printable(report.what.next_step));
  write_layout(writer, report);
  write_bios(writer, report);
  for (const EngineReport& engine : report.engines) write_engine(writer, engine);
  if (report.engines.empty()) {
    writer.line();
    writer.line("  No engine was found in this file.");
  }
  const auto findings = all_findings(report);
  if (!findings.empty()) {
    writer.heading("Findings");
    write_findings(writer, findings);
  }
  return std::move(writer).take();
}

}  // namespace quell::report
