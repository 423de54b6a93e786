// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/diff.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/words.h"
#include "report/difference_rows.h"
#include "report/document_json.h"
#include "report/document_text.h"
#include "report/documents.h"

namespace quell::report {
namespace {

using doc::Audience;

constexpr std::size_t lines_shown = 40;  // of one list, before "and N more"

doc::Section side(std::string_view key, const Report& report) {
  doc::Section out(key);
  out.field("file", report.file)
      .field("size", {report.size, doc::As::size})
      .field("sha256", to_hex(report.sha256))
      .field("kind", report.what.kind);
  return out;
}

doc::Value value_of(Range range) { return range.empty() ? doc::Value() : doc::Value(range); }

std::string change_text(const StructureDifference& difference) {
  switch (difference.kind) {
    case StructureDifference::Kind::added: return fmt::format("added at {}", range_text(difference.after));
    case StructureDifference::Kind::removed:
      return difference.before.empty() ? "removed (held no data)"
                                       : fmt::format("removed (was {})", range_text(difference.before));
    case StructureDifference::Kind::resized:
      return fmt::format("resized from {} to {}", size_text(difference.before.size), size_text(difference.after.size));
    case StructureDifference::Kind::moved:
      return fmt::format("moved from {} to {}{}{}", range_text(difference.before), range_text(difference.after),
                         difference.path_after.empty() ? "" : fmt::format(" (now {})", difference.path_after),
                         !difference.same_content.has_value() ? ""
                         : *difference.same_content           ? ", unchanged"
                                                              : ", changed");
  }
  return {};
}

doc::Table structure_table(const std::vector<StructureDifference>& structure) {
  constexpr auto programs = Audience::programs;
  doc::Table out{.key = "structure", .limit = lines_shown};
  out.columns = {{"change", {}, programs},
                 {"path"},
                 {"kind"},
                 {"before", {}, programs},
                 {"after", {}, programs},
                 {"path_after", {}, programs},
                 {"same_content", {}, programs},
                 {{}, {}, Audience::people},
                 {"anchor", {}, programs},
                 {"anchor_after", {}, programs}};
  for (const StructureDifference& one : structure) {
    out.rows.push_back({{{to_string(one.kind)},
                         one.path,
                         {one.component, doc::Tone::minor},
                         value_of(one.before),
                         value_of(one.after),
                         one.path_after.empty() ? doc::Value() : doc::Value(one.path_after),
                         one.same_content ? doc::Value(*one.same_content) : doc::Value(),
                         change_text(one),
                         anchor_cell(one.anchor),
                         anchor_cell(one.anchor_after)}});
  }
  return out;
}

std::string change_text(const FirmwareDifference& one) {
  switch (one.kind) {
    case FirmwareDifference::Kind::added: return fmt::format("added, {}", size_text(one.size_after));
    case FirmwareDifference::Kind::removed: return fmt::format("removed, {}", size_text(one.size_before));
    case FirmwareDifference::Kind::changed: break;
  }
  if (one.size_before == one.size_after) return fmt::format("changed, {}", size_text(one.size_after));
  return fmt::format("changed, {} -> {}", size_text(one.size_before), size_text(one.size_after));
}

doc::Table firmware_table(const std::vector<FirmwareDifference>& firmware) {
  constexpr auto programs = Audience::programs;
  doc::Table out{.key = "firmware", .limit = lines_shown};
  out.columns = {{"change", {}, programs},
                 {"part"},
                 {"name"},
                 {"owner"},
                 {"inside"},
                 {"before_size", {}, programs},
                 {"after_size", {}, programs},
                 {{}, {}, Audience::people}};
  for (const FirmwareDifference& one : firmware) {
    out.rows.push_back({{{to_string(one.kind)},
                         {to_string(one.part), doc::Tone::minor},
                         one.name,
                         {one.owner, doc::Tone::minor},
                         one.inside,
                         doc::Value(one.size_before, doc::As::size),
                         doc::Value(one.size_after, doc::As::size),
                         change_text(one)}});
  }
  return out;
}

// What one image says, as people read it; "-" where it says nothing.
std::string side_text(const std::optional<Attribute>& said) { return said ? words_of(doc::Value(*said)) : "-"; }

doc::Table facts_table(const std::vector<FactDifference>& facts) {
  doc::Table out{.key = "facts"};
  out.columns = {{"engine"},
                 {"key"},
                 {"before", {}, Audience::programs},
                 {"after", {}, Audience::programs},
                 {{}, {}, Audience::people}};
  for (const FactDifference& fact : facts) {
    const std::string before = side_text(fact.before);
    const std::string after = side_text(fact.after);
    out.rows.push_back({{{fact.engine, doc::Tone::minor},
                         {fact.key, words_of_key(fact.key)},
                         before,
                         after,
                         fmt::format("{} -> {}", before, after)}});
  }
  return out;
}

std::string size_line(const Comparison& comparison) {
  if (comparison.size_before == comparison.size_after) return {};
  const bool cut = comparison.size_after < comparison.size_before;
  const std::uint64_t by =
      cut ? comparison.size_before - comparison.size_after : comparison.size_after - comparison.size_before;
  return fmt::format("{} by {}: from {} to {}", cut ? "cut off" : "grown", size_text(by),
                     size_text(comparison.size_before), size_text(comparison.size_after));
}

std::string verdict_line(const std::string& pair, const Comparison& comparison) {
  if (comparison.same) return fmt::format("{} are the same", pair);
  const std::size_t parts = comparison.parts.size();
  return fmt::format("{} differ in {}{}{}", pair, count_text(comparison.bytes, "byte"),
                     parts == 0 ? "" : " of " + count_text(parts, "part"),
                     comparison.size_before == comparison.size_after ? "" : ", and in size");
}

void add_table(doc::Section& out, std::string_view heading, doc::Table table) {
  if (!table.rows.empty()) out.show(doc::Heading{std::string(heading)});
  out.add(std::move(table));
}

}  // namespace

doc::Document document_of(const Report& before, const Report& after, const Comparison& comparison) {
  doc::Document out{"diff", {}};
  doc::Section& body = out.body;
  body.add(side("before", before)).add(side("after", after));
  body.field("same", comparison.same).field("bytes", comparison.bytes);
  const std::string pair = fmt::format("{} and {}", before.file, after.file);
  body.show(doc::Line{{{verdict_line(pair, comparison)}}}, -1);
  if (const std::string line = size_line(comparison); !line.empty()) {
    body.show(doc::Line{{{fmt::format("  {}", line)}}});
  }
  doc::Table parts = parts_table(comparison.parts, Places::summed);
  parts.limit = lines_shown;
  body.data(parts);
  doc::Table words = words_table(comparison.words);
  words.limit = lines_shown;
  add_table(body, "Flash descriptor", std::move(words));
  add_table(body, "Structure", structure_table(comparison.structure));
  if (!parts.rows.empty()) body.show(doc::Heading{"Content"}).show(std::move(parts));
  add_table(body, "UEFI firmware", firmware_table(comparison.firmware));
  add_table(body, "What that means", facts_table(comparison.facts));
  return out;
}

std::string diff_text(const Report& before, const Report& after, const Comparison& comparison, const TextStyle& style) {
  return to_text(document_of(before, after, comparison).body, style);
}

std::string diff_json(const Report& before, const Report& after, const Comparison& comparison) {
  return to_json(document_of(before, after, comparison));
}

}  // namespace quell::report
