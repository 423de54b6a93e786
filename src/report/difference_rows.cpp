// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/difference_rows.h"

#include <fmt/format.h>

#include "base/words.h"
#include "report/text.h"

namespace quell::report {
namespace {

using doc::Audience;

doc::Tone tone_of(const PartDifference& part) {
  if (part.erased || part.to_erased == part.bytes) return doc::Tone::bad;
  return part.from_erased == part.bytes ? doc::Tone::good : doc::Tone::odd;
}

doc::Value list_of(const std::vector<Range>& ranges) {
  doc::Value::List out;
  for (const Range& range : ranges) out.emplace_back(range);
  return out;
}

// The columns that programs get, with what people see of the first three.
std::vector<doc::Column> part_columns(Places places) {
  const Audience range = places == Places::summed ? Audience::all : Audience::programs;
  return {{"path"},
          {"kind", {}, Audience::programs},
          {"range", {}, range},
          {"summary", {}, range},
          {"bytes", {}, Audience::programs},
          {"places", {}, Audience::programs},
          {"first", {}, Audience::programs},
          {"erased", {}, Audience::programs},
          {"zeroed", {}, Audience::programs},
          {"bits_set", {}, Audience::programs},
          {"bits_cleared", {}, Audience::programs},
          {"anchor", {}, Audience::programs},
          {"anchor_after", {}, Audience::programs}};
}

doc::Row part_row(const PartDifference& part, Places places) {
  const bool summed = places == Places::summed;
  const Range place = part.range.empty() && !part.first.empty() ? part.first.front() : part.range;
  const std::string_view outside = summed ? "(no region)" : "no region";
  return {{{part.path, part.path.empty() ? std::string(outside) : part.path},
           part.kind,
           {part.range.empty() ? doc::Value() : doc::Value(part.range), range_text(place), doc::Tone::minor},
           {summary(part), tone_of(part)},
           doc::Value(part.bytes),
           doc::Value(part.runs),
           list_of(part.first),
           doc::Value(part.erased),
           doc::Value(part.zeroed),
           doc::Value(part.bits_set),
           doc::Value(part.bits_cleared),
           anchor_cell(part.anchor),
           anchor_cell(part.anchor_after)}};
}

// "1234 bytes", "5 places", and the first of them.
void add_counts(doc::Row& row, const PartDifference& part) {
  std::string places;
  for (const Range& range : part.first) places.append(places.empty() ? "" : ", ").append(range_text(range));
  if (part.runs > part.first.size()) places += fmt::format(" and {} more", part.runs - part.first.size());
  row.cells.emplace_back(count_text(part.bytes, "byte"));
  row.cells.emplace_back(count_text(part.runs, "place"));
  row.cells.emplace_back(places, doc::Tone::minor);
}

doc::Row place_row(Range place) {
  doc::Row out{{{""}, {}, {doc::Value(place), doc::Tone::minor}, {size_text(place.size), doc::Tone::minor}}};
  out.from = 1;
  out.audience = Audience::people;
  return out;
}

}  // namespace

doc::Cell anchor_cell(const std::string& anchor) {
  doc::Cell out;
  if (!anchor.empty()) out.value = doc::Value(anchor);
  return out;
}

doc::Table parts_table(const std::vector<PartDifference>& parts, Places places) {
  doc::Table out{.key = "parts", .columns = part_columns(places)};
  if (places == Places::counted) {
    for (const bool right : {true, true, false}) out.columns.push_back({{}, {}, Audience::people, right});
  }
  for (const PartDifference& part : parts) {
    out.rows.push_back(part_row(part, places));
    if (places == Places::counted) {
      add_counts(out.rows.back(), part);
    } else {
      for (const Range& place : part.first) out.rows.push_back(place_row(place));
    }
  }
  return out;
}

doc::Table words_table(const std::vector<flash::WordDifference>& words) {
  doc::Table out{.key = "descriptor", .form = doc::Table::Form::wrapped};
  out.columns = {{{}, {}, Audience::people},         {"name", {}, Audience::programs},
                 {"offset", {}, Audience::programs}, {"before", {}, Audience::programs},
                 {"after", {}, Audience::programs},  {"meaning"}};
  for (const flash::WordDifference& word : words) {
    out.rows.push_back(
        {{fmt::format("{:10} {:#06x}  {:08x} -> {:08x} ", word.name, word.offset, word.before, word.after),
          word.name,
          doc::Value(word.offset, doc::As::address),
          doc::Value(std::uint64_t{word.before}, doc::As::hex),
          doc::Value(std::uint64_t{word.after}, doc::As::hex),
          {word.meaning, doc::Tone::note}}});
  }
  return out;
}

}  // namespace quell::report
