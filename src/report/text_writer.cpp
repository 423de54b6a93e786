// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/text_writer.h"

#include <algorithm>

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

std::size_t TextWriter::flow(std::size_t first, std::size_t indent, std::string_view text, Ink ink) {
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
  return used;
}

void TextWriter::wrapped(std::size_t first, std::size_t indent, std::string_view text, Ink ink) {
  flow(first, indent, text, ink);
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

void TextWriter::item(std::size_t indent, const Cell& lead, const Cell& text, const Cell& tail) {
  const std::size_t behind = indent + columns(lead.text) + 1;
  out_.append(indent, ' ');
  out_ += paint(lead.ink, lead.text) + " ";
  const std::size_t used = flow(behind, behind, text.text, text.ink);
  if (!tail.text.empty()) {
    const bool fits = style_.width == 0 || used + 2 + columns(tail.text) <= style_.width;
    out_ += fits ? "  " : '\n' + std::string(behind, ' ');
    flow(fits ? used + 2 : behind, behind, tail.text, tail.ink);
  }
  out_ += '\n';
}

void TextWriter::table(std::size_t indent, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max({widths[i], row[i].least, columns(row[i].text)});
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

}  // namespace quell::report
