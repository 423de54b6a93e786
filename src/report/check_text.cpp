// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "report/check.h"
#include "report/text_writer.h"

namespace quell::report {
namespace {

Cell mark_of(CheckItem::State state) {
  switch (state) {
    case CheckItem::State::passed: return {"pass   ", Ink::green};
    case CheckItem::State::warned: return {"warn   ", Ink::yellow};
    case CheckItem::State::failed: return {"FAIL   ", Ink::red};
    case CheckItem::State::unknown: return {"unknown", Ink::dim};
    case CheckItem::State::inapplicable: return {"-      ", Ink::dim};
  }
  return {};
}

void write_item(TextWriter& writer, const CheckItem& item) {
  const bool verbose = writer.style().verbosity > 0;
  std::string title = printable(item.title);
  if (!item.note.empty()) title += fmt::format(" ({})", printable(item.note));
  if (item.state == CheckItem::State::unknown) title += ": nothing in the file tells";
  if (item.state == CheckItem::State::inapplicable) title += ": does not apply to this kind of file";
  writer.item(2, mark_of(item.state), title, item.state == CheckItem::State::inapplicable ? Ink::dim : Ink::plain);
  std::vector<const Finding*> findings;
  for (const Finding& finding : item.findings) {
    if (finding.severity != Severity::info || verbose) findings.push_back(&finding);
  }
  std::ranges::stable_sort(findings, std::ranges::greater{}, &Finding::severity);
  for (const Finding* finding : findings) {
    std::string line = printable(finding->title);
    if (finding->range && !finding->range->empty()) line += fmt::format(" [{}]", range_text(*finding->range));
    writer.item(10, {fmt::format("{}:", to_string(finding->severity)), ink_of(finding->severity)}, line);
    if (!finding->detail.empty()) writer.paragraph(12, printable(finding->detail), Ink::dim);
    if (!finding->advice.empty()) writer.item(12, {"->"}, printable(finding->advice));
  }
}

std::string verdict_line(const TextWriter& writer, const CheckedFile& checked) {
  const std::string file = printable(checked.file);
  if (checked.failure) return fmt::format("{}: {}", file, writer.paint(Ink::red, "not checked"));
  const auto failed = std::ranges::count(checked.items, CheckItem::State::failed, &CheckItem::state);
  const auto warned = std::ranges::count(checked.items, CheckItem::State::warned, &CheckItem::state);
  if (failed != 0) {
    return fmt::format("{}: {} ({} of {} checks failed)", file, writer.paint(Ink::red, "not sound"), failed,
                       checked.items.size());
  }
  const bool shortened = checked.report && std::ranges::any_of(checked.report->engines, &EngineReport::shortened);
  return fmt::format("{}: {}{}{}", file, writer.paint(Ink::green, "sound"), shortened ? ", shortened by design" : "",
                     warned == 0 ? "" : fmt::format(", with {} thing{} to look at", warned, warned == 1 ? "" : "s"));
}

void write_read(TextWriter& writer, const ReadDifference& read) {
  const std::string pair = fmt::format("{} and {}", printable(read.first), printable(read.other));
  if (read.agree()) {
    writer.item(2, {"pass   ", Ink::green}, pair + " agree");
    return;
  }
  std::uint64_t bytes = 0;
  for (const PartDifference& part : read.parts) bytes += part.bytes;
  std::string line = pair + " differ";
  if (bytes != 0) line += fmt::format(" in {} byte{}", bytes, bytes == 1 ? "" : "s");
  if (read.first_size != read.other_size) {
    line += fmt::format(", and one holds {}, the other {}", size_text(read.first_size), size_text(read.other_size));
  }
  writer.item(2, {"FAIL   ", Ink::red}, line);
  std::vector<Row> rows;
  for (const PartDifference& part : read.parts) {
    std::string places;
    for (const Range& range : part.first) places += (places.empty() ? "" : ", ") + range_text(range);
    if (part.runs > part.first.size()) places += fmt::format(" and {} more", part.runs - part.first.size());
    rows.push_back({{part.path.empty() ? "no region" : printable(part.path)},
                    {fmt::format("{} bytes", part.bytes), Ink::plain, true},
                    {fmt::format("{} place{}", part.runs, part.runs == 1 ? "" : "s"), Ink::plain, true},
                    {places, Ink::dim}});
  }
  writer.table(10, rows);
  writer.item(10, {"->"}, likely_cause(read));
}

}  // namespace

std::string likely_cause(const ReadDifference& difference) {
  if (difference.agree()) return {};
  if (difference.parts.empty()) return "one read was cut short: read the chip again, whole";
  PartDifference all;
  for (const PartDifference& part : difference.parts) {
    all.bytes += part.bytes;
    all.runs += part.runs;
    all.to_erased += part.to_erased;
    all.to_zero += part.to_zero;
    all.bits_set += part.bits_set;
    all.bits_cleared += part.bits_cleared;
  }
  const std::uint64_t bits = all.bits_set + all.bits_cleared;
  const std::uint64_t size = std::min(difference.first_size, difference.other_size);
  if (all.runs == 1 && all.bytes > 4096 && (all.to_erased == all.bytes || all.to_zero == all.bytes)) {
    return "one stretch of the second read is blank: the clip moved; seat it again and read again";
  }
  if (all.bytes > size / 2) {
    return "nearly everything differs: these are not the same chip, or another bus master was alive while reading "
           "(board powered, the other chip's select line floating)";
  }
  constexpr std::uint64_t enough = 16;  // bits that make a direction no accident
  if (bits >= enough && (all.bits_set == 0 || all.bits_cleared == 0)) {
    return "bits differ in one direction only: a weak level or a missing pull-up; check the voltage and the wiring";
  }
  if (bits < 2 * all.bytes) {
    return "single scattered bits differ: lower the programmer's clock, shorten the wires, add a capacitor at the chip";
  }
  return "if the machine ran between the reads, its firmware wrote to the chip (usual in me, gbe and bios); otherwise "
         "seat the clip again, lower the clock, and read until two reads agree";
}

std::string to_text(const CheckedFile& checked, const TextStyle& style) {
  TextWriter writer(style);
  if (style.verbosity < 0 || checked.failure) {
    writer.line(verdict_line(writer, checked));
    return std::move(writer).take();
  }
  writer.line(writer.paint(Ink::bold, printable(checked.file)) + ": " + printable(checked.report->what.title));
  for (const EngineReport& engine : checked.report->engines) {
    writer.line("  " + printable(engine.title));
    if (style.verbosity > 0) write_facts(writer, 4, engine.facts);
  }
  if (!checked.report->what.next_step.empty()) writer.item(2, {"->"}, printable(checked.report->what.next_step));
  for (const CheckItem& item : checked.items) {
    if (item.state != CheckItem::State::inapplicable || style.verbosity > 0) write_item(writer, item);
  }
  writer.line(verdict_line(writer, checked));
  return std::move(writer).take();
}

std::string to_text(const std::vector<ReadDifference>& reads, const TextStyle& style) {
  if (reads.empty()) return {};
  TextWriter writer(style);
  const bool agree = std::ranges::all_of(reads, &ReadDifference::agree);
  if (style.verbosity >= 0) {
    writer.line(writer.paint(Ink::bold, "Reads compared"));
    for (const ReadDifference& read : reads) write_read(writer, read);
  }
  writer.line(agree ? writer.paint(Ink::green, "all reads agree")
                    : writer.paint(Ink::red, "the reads do not agree") + ": none of them can be trusted yet");
  return std::move(writer).take();
}

}  // namespace quell::report
