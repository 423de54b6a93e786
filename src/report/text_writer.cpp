// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/text_writer.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

namespace quell::report {
namespace {

constexpr std::size_t narrowest = 24;  // below this, wrapping and cutting make a text worse

std::string_view code_of(Ink ink) {
  switch (ink) {
    case Ink::plain: return "";
    case Ink::bold: return "\x1B[1m";
    case Ink::dim: return "\x1B[2m";
    case Ink::red: return "\x1B[31m";
    case Ink::yellow: return "\x1B[33m";
    case Ink::green: return "\x1B[32m";
    case Ink::cyan: return "\x1B[36m";
  }
  return "";
}

}  // namespace

Ink ink_of(Severity severity) noexcept {
  switch (severity) {
    case Severity::info: return Ink::cyan;
    case Severity::warning: return Ink::yellow;
    case Severity::error:
    case Severity::critical: return Ink::red;
  }
  return Ink::plain;
}

std::size_t columns(std::string_view text) noexcept {
  // Continuation bytes of UTF-8 take no column. Wide characters are counted as one: good enough for file names.
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

std::string shortened(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  std::string out;
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size() && used + 3 < width;) {
    std::size_t next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80) ++next;
    out += text.substr(i, next - i);
    i = next;
    ++used;
  }
  return out + "...";
}

std::string TextWriter::paint(Ink ink, std::string_view text) const {
  if (!style_.color || ink == Ink::plain || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1B[0m", code_of(ink), text);
}

void TextWriter::line(std::string_view text) {
  out_ += text;
  out_ += '\n';
}

void TextWriter::heading(std::string_view text) {
  if (!out_.empty()) line();
  line(paint(Ink::bold, text));
}

void TextWriter::wrapped(std::size_t first, std::size_t indent, std::string_view text, Ink ink) {
  std::size_t used = first;
  bool line_has_word = false;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const std::size_t width = columns(word);
    const bool fits = style_.width < indent + narrowest || used + width + 1 <= style_.width;
    if (line_has_word && !fits) {
      out_ += '\n';
      out_.append(indent, ' ');
      used = indent;
      line_has_word = false;
    }
    if (line_has_word) {
      out_ += ' ';
      ++used;
    }
    out_ += paint(ink, word);
    used += width;
    line_has_word = true;
  }
  out_ += '\n';
}

void TextWriter::paragraph(std::size_t indent, std::string_view text, Ink ink) {
  out_.append(indent, ' ');
  wrapped(indent, indent, text, ink);
}

void TextWriter::item(std::size_t indent, const Cell& lead, std::string_view text, Ink ink) {
  const std::size_t behind = indent + columns(lead.text) + 1;
  out_.append(indent, ' ');
  out_ += paint(lead.ink, lead.text) + " ";
  wrapped(behind, behind, text, ink);
}

void TextWriter::table(std::size_t indent, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i].text));
  }
  for (const Row& row : rows) {
    std::string text(indent, ' ');
    std::size_t used = indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Cell& cell = row[i];
      const bool last = i + 1 == row.size();
      const bool may_cut = last && style_.width >= used + narrowest / 2;
      const std::string shown = may_cut ? shortened(cell.text, style_.width - used) : cell.text;
      const std::size_t padding = widths[i] - std::min(widths[i], columns(shown));
      if (cell.right) text.append(padding, ' ');
      text += paint(cell.ink, shown);
      if (!last && !cell.right) text.append(padding, ' ');
      if (!last) text += "  ";
      used += widths[i] + 2;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    line(text);
  }
}

namespace {

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

}  // namespace

void write_findings(TextWriter& writer, std::vector<const Finding*> findings) {
  std::ranges::stable_sort(findings, std::ranges::greater{}, &Finding::severity);
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

}  // namespace quell::report
