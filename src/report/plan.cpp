// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/plan.h"

#include <fmt/format.h>

#include "report/difference_rows.h"
#include "report/document_json.h"
#include "report/document_text.h"
#include "report/documents.h"
#include "survey/trees.h"

namespace quell::report {
namespace {

using doc::Audience;

// Consecutive edits with one reason are one line: the chunks of a module table can be hundreds.
struct Line {
  Range range{};
  std::uint64_t edits = 0;
  std::uint64_t changed = 0;
  std::string_view reason{};
};

std::vector<Line> lines_of(const PlanReport& report) {
  std::vector<Line> lines;
  for (const Edit& edit : report.plan->edits) {
    if (lines.empty() || lines.back().reason != edit.reason) lines.push_back({edit.range, 0, 0, edit.reason});
    Line& line = lines.back();
    line.range = Range::between(line.range.offset, edit.range.end());
    ++line.edits;
    line.changed += changed_bytes(edit, report.input);
  }
  return lines;
}

std::string summary(const PlanReport& report, const std::vector<Line>& lines) {
  if (report.plan->empty()) return fmt::format("{}: nothing to change", report.file);
  std::uint64_t changed = 0;
  for (const Line& line : lines) changed += line.changed;
  std::string out = fmt::format("{}: {} of {} bytes change", report.file, changed, report.size);
  if (report.plan->truncate_to) {
    out += fmt::format(", and the file is cut to {} ({} bytes)", size_text(*report.plan->truncate_to),
                       *report.plan->truncate_to);
  }
  return out;
}

doc::Table lines_table(const std::vector<Line>& lines) {
  doc::Table out{.titles = true};
  out.columns = {{{}, "range", Audience::people, false, 22},
                 {{}, "changed", Audience::people, true, 9},
                 {{}, "why", Audience::people}};
  for (const Line& line : lines) {
    const std::string places = line.edits > 1 ? fmt::format(" ({} places)", line.edits) : "";
    out.rows.push_back({{doc::Value(line.range), doc::Value(line.changed), fmt::format("{}{}", line.reason, places)}});
  }
  return out;
}

doc::Table edits_table(const PlanReport& report) {
  doc::Table out{.key = "edits"};
  for (const char* key : {"offset", "size", "kind", "changed", "reason", "anchor"})
    out.columns.push_back({key, {}, Audience::programs});
  std::optional<AnchorFinder> finder;
  if (report.about != nullptr) finder.emplace(*report.about);
  for (const Edit& edit : report.plan->edits) {
    out.rows.push_back(
        {{doc::Value(edit.range.offset, doc::As::address), doc::Value(edit.range.size, doc::As::size),
          std::holds_alternative<Fill>(edit.what) ? "fill" : "replace", doc::Value(changed_bytes(edit, report.input)),
          edit.reason, anchor_cell(finder ? finder->anchor_of(edit.range) : std::string())}});
  }
  return out;
}

}  // namespace

doc::Document document_of(std::string_view command, const PlanReport& report) {
  doc::Document out{std::string(command), {}};
  doc::Section& body = out.body;
  const std::vector<Line> lines = lines_of(report);
  body.field("file", report.file)
      .field("size", {report.size, doc::As::size})
      .field("sha256", to_hex(report.plan->input.value()));
  body.show(doc::Line{{{summary(report, lines)}}}, -1).show(lines_table(lines)).data(edits_table(report));
  if (report.plan->truncate_to) body.field("truncate_to", {*report.plan->truncate_to, doc::As::size});
  if (report.minimum_me_size) {
    body.field("minimum_me_size", {*report.minimum_me_size, doc::As::size});
    body.show(doc::Line{{{fmt::format("  the ME region needs {} ({} bytes) from now on",
                                      size_text(*report.minimum_me_size), *report.minimum_me_size)}}});
  }
  const doc::Findings costs = doc::findings_of("costs", report.costs, doc::Findings::Form::costs);
  doc::Findings notices = doc::findings_of("notices", report.notices, doc::Findings::Form::notes);
  body.show(notices, -1).show(costs, -1);
  // Costs stand among the notices too.
  notices.findings.insert(notices.findings.end(), costs.findings.begin(), costs.findings.end());
  body.data(std::move(notices)).data(costs);
  body.field("outputs", report.outputs);
  for (const std::string& file : report.outputs) body.show(doc::Line{{{fmt::format("written: {}", file)}}}, -1);
  return out;
}

std::string to_text(const PlanReport& report, const TextStyle& style) {
  TextStyle uncut = style;
  uncut.width = 0;  // a reason is read to its end
  return to_text(document_of({}, report).body, uncut);
}

std::string to_json(std::string_view command, const PlanReport& report) {
  return to_json(document_of(command, report));
}

}  // namespace quell::report
