// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "report/compare_values.h"
#include "report/diff.h"
#include "report/text_writer.h"

namespace quell::report {
namespace {

constexpr std::size_t lines_shown = 40;  // of one list, before "and N more"

Ink ink_of_part(const PartDifference& part) {
  if (part.erased || part.to_erased == part.bytes) return Ink::red;
  return part.from_erased == part.bytes ? Ink::green : Ink::yellow;
}

// Shows a list up to the limit; -v shows all.
template <class List, class Show>
void limited(TextWriter& writer, const List& list, Show show) {
  const bool all = writer.style().verbosity > 0 || list.size() <= lines_shown + 1;
  const std::size_t shown = all ? list.size() : lines_shown;
  for (std::size_t i = 0; i < shown; ++i) show(list[i]);
  if (!all) writer.line(fmt::format("  and {} more (-v)", list.size() - shown));
}

void write_words(TextWriter& writer, const std::vector<flash::WordDifference>& words) {
  if (words.empty()) return;
  writer.heading("Flash descriptor");
  limited(writer, words, [&](const flash::WordDifference& word) {
    writer.item(
        2,
        {fmt::format("{:10} {:#06x}  {:08x} -> {:08x} ", printable(word.name), word.offset, word.before, word.after)},
        printable(word.meaning), Ink::cyan);
  });
}

std::string change_text(const StructureDifference& difference) {
  switch (difference.kind) {
    case StructureDifference::Kind::added: return "added at " + range_text(difference.after);
    case StructureDifference::Kind::removed:
      return difference.before.empty() ? "removed (held no data)"
                                       : "removed (was " + range_text(difference.before) + ")";
    case StructureDifference::Kind::resized:
      return fmt::format("resized from {} to {}", size_text(difference.before.size), size_text(difference.after.size));
    case StructureDifference::Kind::moved:
      return fmt::format("moved from {} to {}", range_text(difference.before), range_text(difference.after));
  }
  return {};
}

void write_structure(TextWriter& writer, const std::vector<StructureDifference>& structure) {
  if (structure.empty()) return;
  writer.heading("Structure");
  std::vector<Row> rows;
  const bool all = writer.style().verbosity > 0 || structure.size() <= lines_shown + 1;
  for (const StructureDifference& difference : structure) {
    if (!all && rows.size() == lines_shown) break;
    rows.push_back(
        {{printable(difference.path)}, {printable(difference.component), Ink::dim}, {change_text(difference)}});
  }
  writer.table(2, rows);
  if (rows.size() < structure.size()) writer.line(fmt::format("  and {} more (-v)", structure.size() - rows.size()));
}

void write_parts(TextWriter& writer, const std::vector<PartDifference>& parts) {
  if (parts.empty()) return;
  writer.heading("Content");
  std::vector<Row> rows;
  const bool all = writer.style().verbosity > 0 || parts.size() <= lines_shown + 1;
  for (const PartDifference& part : parts) {
    if (!all && rows.size() == lines_shown) break;
    rows.push_back({{part.path.empty() ? "(no region)" : printable(part.path)},
                    {part.range.empty() ? range_text(part.first.front()) : range_text(part.range), Ink::dim},
                    {summary(part), ink_of_part(part)}});
    if (writer.style().verbosity < 1) continue;
    for (const Range& place : part.first)
      rows.push_back({{""}, {range_text(place), Ink::dim}, {size_text(place.size), Ink::dim}});
  }
  writer.table(2, rows);
  if (!all) writer.line(fmt::format("  and {} more (-v)", parts.size() - lines_shown));
}

void write_firmware(TextWriter& writer, const std::vector<FirmwareDifference>& firmware) {
  if (firmware.empty()) return;
  writer.heading("UEFI firmware");
  std::vector<Row> rows;
  const bool all = writer.style().verbosity > 0 || firmware.size() <= lines_shown + 1;
  for (const FirmwareDifference& one : firmware) {
    if (!all && rows.size() == lines_shown) break;
    rows.push_back({{std::string(to_string(one.what)), Ink::dim},
                    {std::string(to_string(one.kind))},
                    {printable(one.name)},
                    {one.guid, Ink::dim}});
  }
  writer.table(2, rows);
  if (!all) writer.line(fmt::format("  and {} more (-v)", firmware.size() - lines_shown));
}

std::string size_line(const Comparison& comparison) {
  if (comparison.size_before == comparison.size_after) return {};
  const bool cut = comparison.size_after < comparison.size_before;
  const std::uint64_t by =
      cut ? comparison.size_before - comparison.size_after : comparison.size_after - comparison.size_before;
  return fmt::format("{} by {}: from {} to {}", cut ? "cut off" : "grown", size_text(by),
                     size_text(comparison.size_before), size_text(comparison.size_after));
}

}  // namespace

std::string diff_text(const Report& before, const Report& after, const Comparison& comparison, const TextStyle& style) {
  TextWriter writer(style);
  const std::string pair = fmt::format("{} and {}", printable(before.file), printable(after.file));
  if (comparison.same) {
    writer.line(pair + " are the same");
    return std::move(writer).take();
  }
  writer.line(fmt::format("{} differ in {} byte{}{}{}", pair, comparison.bytes, comparison.bytes == 1 ? "" : "s",
                          comparison.parts.empty() ? ""
                                                   : fmt::format(" of {} part{}", comparison.parts.size(),
                                                                 comparison.parts.size() == 1 ? "" : "s"),
                          size_line(comparison).empty() ? "" : ", and in size"));
  if (style.verbosity < 0) return std::move(writer).take();
  if (const std::string line = size_line(comparison); !line.empty()) writer.line("  " + line);
  write_words(writer, comparison.words);
  write_structure(writer, comparison.structure);
  write_parts(writer, comparison.parts);
  write_firmware(writer, comparison.firmware);
  if (!comparison.facts.empty()) {
    writer.heading("What that means");
    std::vector<Row> rows;
    for (const FactDifference& fact : comparison.facts) {
      std::string key = printable(fact.key);
      std::ranges::replace(key, '_', ' ');
      rows.push_back({{printable(fact.engine), Ink::dim},
                      {key},
                      {fmt::format("{} -> {}", side_text(fact.before), side_text(fact.after))}});
    }
    writer.table(2, rows);
  }
  return std::move(writer).take();
}

}  // namespace quell::report
