// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/plan.h"

#include <fmt/format.h>

#include "report/json_values.h"

namespace quell::report {
namespace {

// Consecutive edits with one reason are one line: the chunks of a module table can be hundreds.
struct Line {
  Range range{};
  std::uint64_t edits = 0;
  std::uint64_t changed = 0;
  std::string reason{};
  bool fill = false;
};

std::vector<Line> lines_of(const PlanReport& report) {
  std::vector<Line> lines;
  for (const Edit& edit : report.plan->edits) {
    const bool fill = std::holds_alternative<Fill>(edit.what);
    if (lines.empty() || lines.back().reason != edit.reason) lines.push_back({edit.range, 0, 0, edit.reason, fill});
    Line& line = lines.back();
    line.range = Range::between(line.range.offset, edit.range.end());
    ++line.edits;
    line.changed += changed_bytes(edit, report.input);
  }
  return lines;
}

std::uint64_t total(const std::vector<Line>& lines) {
  std::uint64_t sum = 0;
  for (const Line& line : lines) sum += line.changed;
  return sum;
}

std::string summary(const PlanReport& report, const std::vector<Line>& lines) {
  if (report.plan->empty()) return fmt::format("{}: nothing to change\n", printable(report.file));
  std::string out = fmt::format("{}: {} of {} bytes change", printable(report.file), total(lines), report.size);
  if (report.plan->truncate_to) {
    out += fmt::format(", and the file is cut to {} ({} bytes)", size_text(*report.plan->truncate_to),
                       *report.plan->truncate_to);
  }
  return out + "\n";
}

}  // namespace

std::string to_text(const PlanReport& report, const TextStyle& style) {
  const auto lines = lines_of(report);
  std::string out = summary(report, lines);
  if (style.verbosity >= 0) {
    if (!lines.empty()) out += fmt::format("  {:<23} {:>9}  {}\n", "range", "changed", "why");
    for (const Line& line : lines) {
      const std::string count = line.edits > 1 ? fmt::format(" ({} places)", line.edits) : "";
      out += fmt::format("  {:<23} {:>9}  {}{}\n", range_text(line.range), line.changed, printable(line.reason), count);
    }
    if (report.minimum_me_size) {
      out += fmt::format("  the ME region needs {} ({} bytes) from now on\n", size_text(*report.minimum_me_size),
                         *report.minimum_me_size);
    }
  }
  for (const Finding& notice : report.notices) {
    out += fmt::format("  note: {}{}{}\n", printable(notice.title), notice.detail.empty() ? "" : ": ",
                       printable(notice.detail));
  }
  for (const std::string& file : report.outputs) out += fmt::format("written: {}\n", printable(file));
  return out;
}

std::string to_json(std::string_view command, const PlanReport& report) {
  Json out = document(command);
  out["file"] = report.file;
  out["size"] = report.size;
  out["sha256"] = to_hex(report.plan->input.value());
  out["edits"] = Json::array();
  for (const Edit& edit : report.plan->edits) {
    Json item = json_of(edit.range);
    item["kind"] = std::holds_alternative<Fill>(edit.what) ? "fill" : "replace";
    item["changed"] = changed_bytes(edit, report.input);
    item["reason"] = edit.reason;
    out["edits"].push_back(std::move(item));
  }
  if (report.plan->truncate_to) out["truncate_to"] = *report.plan->truncate_to;
  if (report.minimum_me_size) out["minimum_me_size"] = *report.minimum_me_size;
  out["notices"] = Json::array();
  for (const Finding& notice : report.notices) out["notices"].push_back(json_of(notice));
  out["outputs"] = report.outputs;
  return dump(out);
}

}  // namespace quell::report
