// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/check.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/words.h"
#include "report/difference_rows.h"
#include "report/document_json.h"
#include "report/document_text.h"
#include "report/documents.h"

namespace quell::report {
namespace {

doc::Span mark_of(CheckItem::State state) {
  switch (state) {
    case CheckItem::State::passed: return {"pass   ", doc::Tone::good};
    case CheckItem::State::warned: return {"warn   ", doc::Tone::odd};
    case CheckItem::State::failed: return {"FAIL   ", doc::Tone::bad};
    case CheckItem::State::unknown: return {"unknown", doc::Tone::minor};
    case CheckItem::State::inapplicable: return {"-      ", doc::Tone::minor};
  }
  return {};
}

doc::Section section_of(const CheckItem& item) {
  doc::Section out;
  out.field("id", to_string(item.question))
      .field("title", item.title)
      .field("state", {to_string(item.state), doc::As::state})
      .field_unless_empty("note", item.note);
  std::string title = item.title;
  if (!item.note.empty()) title += fmt::format(" ({})", item.note);
  if (item.state == CheckItem::State::unknown) title += ": nothing in the file tells";
  const bool applies = item.state != CheckItem::State::inapplicable;
  if (!applies) title += ": does not apply to this kind of file";
  const doc::Tone tone = applies ? doc::Tone::plain : doc::Tone::minor;
  out.show(doc::Paragraph{2, mark_of(item.state), {title, tone}}, applies ? 0 : 1);
  doc::Checks checks{"checks", {}};
  for (const AskedCheck& one : item.checks) checks.checks.push_back({&one.check, one.engine});
  out.data(std::move(checks));
  out.add(doc::findings_of("findings", item.findings, doc::Findings::Form::listed));
  if (!applies) out.items.back().from = 1;
  return out;
}

doc::Line verdict_line(const CheckedFile& checked) {
  const std::string lead = fmt::format("{}: ", checked.file);
  if (checked.failure) return {{{lead}, {"not checked", doc::Tone::bad}}};
  const auto failed = std::ranges::count(checked.items, CheckItem::State::failed, &CheckItem::state);
  if (failed != 0) {
    return {{{lead},
             {"not sound", doc::Tone::bad},
             {fmt::format(" ({} of {} checks failed)", failed, checked.items.size())}}};
  }
  return {
      {{lead}, {"sound", doc::Tone::good}, {reservations(checked.report ? &*checked.report : nullptr, checked.items)}}};
}

void add_file(doc::Section& out, const Report& report) {
  out.field("size", {report.size, doc::As::size})
      .field("sha256", to_hex(report.sha256))
      .field("kind", report.what.kind)
      .field("title", report.what.title)
      .field_unless_empty("next_step", report.what.next_step);
  out.show(doc::Line{{{report.file, doc::Tone::title}, {fmt::format(": {}", report.what.title)}}});
  doc::Value::List titles;
  doc::Value::List facts;
  for (const EngineReport& engine : report.engines) {
    titles.emplace_back(engine.title);
    facts.emplace_back(doc::Value::Object{{"engine", engine.engine}, {"facts", doc::fields_of(engine.facts)}});
    out.show(doc::Line{{{fmt::format("  {}", engine.title)}}}).show(doc::facts_of("facts", engine.facts, 4), 1);
  }
  out.field("engines", std::move(titles)).field("facts", std::move(facts));
  if (!report.what.next_step.empty()) out.show(doc::Paragraph{2, {"->"}, {report.what.next_step}});
}

doc::Section section_of(const ReadDifference& read) {
  doc::Section out;
  out.field("first", read.first)
      .field("other", read.other)
      .field("agree", read.agree())
      .field("first_size", {read.first_size, doc::As::size})
      .field("other_size", {read.other_size, doc::As::size});
  doc::Table parts = parts_table(read.parts, Places::counted);
  parts.indent = 10;
  const std::string pair = fmt::format("{} and {}", read.first, read.other);
  if (read.agree()) {
    out.show(doc::Paragraph{2, {"pass   ", doc::Tone::good}, {fmt::format("{} agree", pair)}});
    return std::move(out.data(std::move(parts)));
  }
  std::uint64_t bytes = 0;
  for (const PartDifference& part : read.parts) bytes += part.bytes;
  std::string line = fmt::format("{} differ", pair);
  if (bytes != 0) line += " in " + count_text(bytes, "byte");
  if (read.first_size != read.other_size) {
    line += fmt::format(", and one holds {}, the other {}", size_text(read.first_size), size_text(read.other_size));
  }
  out.show(doc::Paragraph{2, {"FAIL   ", doc::Tone::bad}, {line}});
  out.add(std::move(parts));
  out.field("likely_cause", likely_cause(read)).show(doc::Paragraph{10, {"->"}, {likely_cause(read)}});
  return out;
}

}  // namespace

std::string reservations(const Report* report, const std::vector<CheckItem>& items) {
  EngineReport all;
  if (report != nullptr) {
    for (const EngineReport& engine : report->engines)
      for (const EngineState state : engine.states) all.add(state);
  }
  std::string out;
  for (const EngineState state : all.states) out.append(", ").append(to_string(state));
  const std::size_t odd = things_to_look_at(items);
  return odd == 0 ? out : out + fmt::format(", with {} to look at", count_text(odd, "thing"));
}

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

doc::Section section_of(const CheckedFile& checked) {
  doc::Section out;
  out.field("file", checked.file);
  if (checked.failure) {
    out.field("verdict", {"not checked", doc::As::state}).field("error", checked.failure->message);
  } else {
    out.field("verdict", {sound(checked.items) ? "sound" : "not sound", doc::As::state});
    add_file(out, *checked.report);
    doc::Sections items{"checks", {}};
    for (const CheckItem& item : checked.items) items.sections.push_back(section_of(item));
    out.add(std::move(items));
  }
  return std::move(out.show(verdict_line(checked), -1));
}

doc::Section section_of(std::span<const ReadDifference> reads) {
  doc::Section out;
  if (reads.empty()) return out;
  const bool agree = std::ranges::all_of(reads, &ReadDifference::agree);
  out.field("reads_agree", agree).show(doc::Line{{{"Reads compared", doc::Tone::title}}});
  doc::Sections list{"reads", {}};
  for (const ReadDifference& read : reads) list.sections.push_back(section_of(read));
  out.add(std::move(list));
  const doc::Line verdict =
      agree ? doc::Line{{{"all reads agree", doc::Tone::good}}}
            : doc::Line{{{"the reads do not agree", doc::Tone::bad}, {": none of them can be trusted yet"}}};
  return std::move(out.show(verdict, -1));
}

doc::Document document_of(std::span<const CheckedFile> files, std::span<const ReadDifference> reads) {
  doc::Document out{"check", {}};
  doc::Sections images{"images", {}};
  for (const CheckedFile& file : files) images.sections.push_back(section_of(file));
  out.body.add(std::move(images)).add(section_of(reads));
  return out;
}

std::string check_json(const std::vector<CheckedFile>& files, const std::vector<ReadDifference>& reads) {
  return to_json(document_of(files, reads));
}

std::string to_text(const CheckedFile& checked, const TextStyle& style) { return to_text(section_of(checked), style); }

std::string to_text(const std::vector<ReadDifference>& reads, const TextStyle& style) {
  return to_text(section_of(reads), style);
}

}  // namespace quell::report
