// SPDX-License-Identifier: GPL-2.0-or-later
// How the text printer shows findings.
#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "report/document_text.h"

namespace quell::report {
namespace {

Ink ink_of(Severity severity) noexcept { return report::ink_of(doc::tone_of(severity)); }

// The same judgement of several places is one entry.
struct Grouped {
  const Finding* finding = nullptr;
  std::vector<Range> places{};
  std::size_t count = 0;
};

std::vector<Grouped> grouped(const std::vector<const Finding*>& findings) {
  std::vector<Grouped> out;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>, std::size_t> known;
  for (const Finding* finding : findings) {
    const auto key = std::make_tuple(std::string_view(finding->id), std::string_view(finding->title),
                                     std::string_view(finding->detail), std::string_view(finding->advice));
    const auto [at, is_new] = known.emplace(key, out.size());
    if (is_new) out.push_back({finding, {}, 0});
    Grouped& group = out[at->second];
    ++group.count;
    if (finding->range && !finding->range->empty()) group.places.push_back(*finding->range);
  }
  return out;
}

std::string title_of(const Grouped& group, int verbosity) {
  std::string title = printable(group.finding->title);
  const std::size_t shown = verbosity < 1 ? 1 : group.places.size();
  for (std::size_t i = 0; i < std::min(shown, group.places.size()); ++i) {
    title += fmt::format(" [{}]", range_text(group.places[i]));
  }
  if (group.count > std::max<std::size_t>(shown, 1)) {
    title += fmt::format(" and {} more", group.count - std::max<std::size_t>(shown, 1));
  }
  if (verbosity > 1) title += fmt::format(" ({})", printable(group.finding->id));
  return title;
}

void write_grouped(TextWriter& writer, const std::vector<const Finding*>& findings) {
  for (const Grouped& group : grouped(findings)) {
    const Finding* finding = group.finding;
    const bool brief = finding->severity == Severity::info && writer.style().verbosity < 1;
    writer.item(2, {fmt::format("{:8}", to_string(finding->severity)), ink_of(finding->severity)},
                title_of(group, writer.style().verbosity));
    if (!finding->detail.empty() && !brief) writer.paragraph(11, printable(finding->detail), Ink::dim);
    if (!finding->advice.empty()) writer.item(11, {"->"}, printable(finding->advice));
    if (!finding->references.empty() && !brief) {
      writer.item(11, {"see"}, printable(fmt::format("{}", fmt::join(finding->references, ", "))), Ink::dim);
    }
  }
}

void write_listed(TextWriter& writer, const std::vector<const Finding*>& findings) {
  for (const Finding* finding : findings) {
    if (finding->severity == Severity::info && writer.style().verbosity < 1) continue;
    std::string line = printable(finding->title);
    if (finding->range && !finding->range->empty()) line += fmt::format(" [{}]", range_text(*finding->range));
    writer.item(10, {fmt::format("{}:", to_string(finding->severity)), ink_of(finding->severity)}, line);
    if (!finding->detail.empty()) writer.paragraph(12, printable(finding->detail), Ink::dim);
    if (!finding->advice.empty()) writer.item(12, {"->"}, printable(finding->advice));
  }
}

void write_notes(TextWriter& writer, const std::vector<const Finding*>& findings, std::string_view lead) {
  for (const Finding* finding : findings) {
    writer.line(fmt::format("  note: {}{}{}{}", lead, printable(finding->title), finding->detail.empty() ? "" : ": ",
                            printable(finding->detail)));
  }
}

}  // namespace

void write_findings(TextWriter& writer, const doc::Findings& findings) {
  std::vector<const Finding*> sorted = findings.findings;
  std::ranges::stable_sort(sorted, std::ranges::greater{}, &Finding::severity);
  switch (findings.form) {
    case doc::Findings::Form::grouped: return write_grouped(writer, sorted);
    case doc::Findings::Form::listed: return write_listed(writer, sorted);
    case doc::Findings::Form::notes: return write_notes(writer, findings.findings, "");
    case doc::Findings::Form::costs: return write_notes(writer, findings.findings, cost_lead);
  }
}

}  // namespace quell::report
