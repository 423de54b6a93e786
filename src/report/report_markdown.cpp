// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/report_markdown.h"

#include <fmt/format.h>

#include "report/answers.h"
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

void add_findings(Rows& rows, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings)
    rows.push_back({std::string(to_string(finding.severity)), markdown(finding.title), markdown(finding.advice)});
}

}  // namespace

std::string to_markdown(const Report& report) {
  std::string out = fmt::format("# {}\n\n{}, {}, SHA-256 `{}`\n", markdown(report.file), markdown(report.what.title),
                                size_text(report.size), to_hex(report.sha256));
  out += layout_of(report);
  Rows findings{{"severity", "finding", "what to do"}};
  add_findings(findings, report.findings);
  for (const EngineReport& engine : report.engines) {
    out += engine_of(engine);
    add_findings(findings, engine.findings);
  }
  if (findings.size() > 1) out += markdown_heading(2, "Findings") + markdown_table(findings);
  return out;
}

}  // namespace quell::report
