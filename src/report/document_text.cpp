// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/document_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"

namespace quell::report {
namespace {

constexpr std::size_t effects_shown = 8;  // lines of an action's effects before "and N more"

void write(TextWriter& writer, const doc::Section& section);

Cell cell_of(const doc::Span& span) { return {printable(span.text), ink_of(span.tone)}; }

void write(TextWriter&, const doc::Field&) {}
void write(TextWriter&, const doc::Checks&) {}

void write(TextWriter& writer, const doc::Heading& heading) { writer.heading(printable(heading.text)); }

void write(TextWriter& writer, const doc::Line& line) {
  std::string text;
  for (const doc::Span& span : line.spans) text += writer.paint(ink_of(span.tone), printable(span.text));
  writer.line(text);
}

void write(TextWriter& writer, const doc::Paragraph& paragraph) {
  const std::string text = printable(paragraph.text.text);
  const Ink ink = ink_of(paragraph.text.tone);
  if (paragraph.lead.text.empty()) {
    writer.paragraph(paragraph.indent, text, ink);
  } else {
    writer.item(paragraph.indent, cell_of(paragraph.lead), text, ink);
  }
}

Ink ink_of_fact(const doc::Fact& fact) {
  if (std::holds_alternative<Unknown>(fact.value.content)) return Ink::dim;
  return fact.state ? ink_of(doc::tone_of(*fact.state)) : Ink::plain;
}

std::string label_of(const doc::Fact& fact) {
  return printable(fact.label.empty() ? words_of_key(fact.key) : fact.label);
}

void write(TextWriter& writer, const doc::Facts& facts) {
  std::size_t widest = 0;
  for (const doc::Fact& fact : facts.facts) widest = std::max(widest, columns(label_of(fact)));
  for (const doc::Fact& fact : facts.facts) {
    const Cell lead{fmt::format("{:{}} ", label_of(fact), widest), Ink::dim};
    writer.item(facts.indent, lead, printable(words_of(fact.value, writer.style().identifiers)), ink_of_fact(fact));
  }
}

bool shown(const doc::Column& column, int verbosity) {
  return column.audience != doc::Audience::programs && column.from <= verbosity;
}

bool shown(const doc::Row& row, int verbosity) {
  return row.audience != doc::Audience::programs && row.from <= verbosity;
}

Row titles_of(const doc::Table& table, int verbosity) {
  Row out;
  for (const doc::Column& column : table.columns) {
    if (shown(column, verbosity)) out.push_back({printable(column.title), Ink::plain, column.right, column.least});
  }
  return out;
}

Row row_of(const TextWriter& writer, const doc::Table& table, const doc::Row& row) {
  Row out;
  for (std::size_t i = 0; i < std::min(row.cells.size(), table.columns.size()); ++i) {
    const doc::Column& column = table.columns[i];
    if (!shown(column, writer.style().verbosity)) continue;
    const doc::Cell& cell = row.cells[i];
    std::string text = cell.words ? *cell.words : std::string();
    if (!cell.words && cell.value) text = words_of(*cell.value, writer.style().identifiers);
    out.push_back({printable(text), ink_of(cell.tone), column.right, column.least});
  }
  return out;
}

void write_aligned(TextWriter& writer, const doc::Table& table, const std::vector<Row>& rows) {
  std::size_t widest = 0;
  for (const Row& row : rows) widest = std::max(widest, row.empty() ? 0 : columns(row[0].text));
  for (const Row& row : rows) {
    if (row.size() < 2) continue;
    const std::string lead = row[0].text + std::string(widest + 1 - columns(row[0].text), ' ');
    writer.item(table.indent, {lead, row[0].ink}, row[1], row.size() > 2 ? row[2] : Cell{});
  }
}

void write_rows(TextWriter& writer, const doc::Table& table, const std::vector<Row>& rows) {
  if (table.form == doc::Table::Form::aligned) {
    write_aligned(writer, table, rows);
    return;
  }
  if (table.form == doc::Table::Form::columns) {
    writer.table(table.indent, rows);
    return;
  }
  for (const Row& row : rows) {
    if (row.empty()) continue;
    if (row.size() == 1) {
      writer.line(std::string(table.indent, ' ') + writer.paint(row[0].ink, row[0].text));
    } else {
      writer.item(table.indent, row[0], row[1].text, row[1].ink);
    }
  }
}

void write(TextWriter& writer, const doc::Table& table) {
  const int verbosity = writer.style().verbosity;
  const auto seen = [verbosity](const doc::Row& row) { return shown(row, verbosity); };
  const auto count = static_cast<std::size_t>(std::ranges::count_if(table.rows, seen));
  const bool all = table.limit == 0 || verbosity > 0 || count <= table.limit + 1;
  std::vector<Row> rows;
  if (table.titles && count != 0) rows.push_back(titles_of(table, verbosity));
  std::size_t left = all ? count : table.limit;
  for (const doc::Row& row : table.rows) {
    if (!seen(row)) continue;
    if (left == 0) break;
    --left;
    rows.push_back(row_of(writer, table, row));
  }
  write_rows(writer, table, rows);
  if (!all) writer.line(fmt::format("{:{}}and {} more (-v)", "", table.indent, count - table.limit));
}

// What it takes to insist, in the front end's words; empty where it has no option for one of them.
std::string override_words(const TextStyle& style, Overrides needed) {
  std::string out;
  for (const Override one : needed.list()) {
    const std::string_view word = style.option_of != nullptr ? style.option_of(one) : to_string(one);
    if (word.empty()) return {};
    out.append(out.empty() ? "" : " and ").append(word);
  }
  return out;
}

void write_action(TextWriter& writer, const doc::Action& action) {
  writer.item(4, {fmt::format("{:10}", action.state), ink_of(action.tone)}, printable(action.title));
  if (!action.reason.empty()) writer.paragraph(15, printable(action.reason), Ink::dim);
  if (const std::string words = override_words(writer.style(), action.lifted_by); !words.empty()) {
    writer.item(15, {"override:"}, words);
  }
  const bool all = writer.style().verbosity > 0 || action.effects.size() <= effects_shown + 1;
  for (const std::string& effect : action.effects.first(all ? action.effects.size() : effects_shown)) {
    writer.item(15, {"-"}, printable(effect));
  }
  if (!all) writer.paragraph(15, fmt::format("- and {} more (-v)", action.effects.size() - effects_shown), Ink::dim);
  for (const std::string& cost : action.costs) {
    writer.item(15, {"-"}, fmt::format("{}{}", cost_lead, printable(cost)));
  }
}

void write(TextWriter& writer, const doc::Actions& actions) {
  if (actions.actions.empty()) return;
  writer.line();
  writer.line(writer.paint(Ink::bold, "  What can be done"));
  for (const doc::Action& action : actions.actions) write_action(writer, action);
}

void write(TextWriter& writer, const doc::Tree& tree) { write_tree(writer, tree); }
void write(TextWriter& writer, const doc::Findings& findings) { write_findings(writer, findings); }

void write(TextWriter& writer, const doc::Sections& sections) {
  for (const doc::Section& section : sections.sections) write(writer, section);
}

void write(TextWriter& writer, const doc::Section& section) {
  const int verbosity = writer.style().verbosity;
  for (const doc::Item& item : section.items) {
    if (item.audience == doc::Audience::programs || verbosity < item.from || verbosity > item.to) continue;
    std::visit([&writer](const auto& what) { write(writer, what); }, item.what);
  }
}

}  // namespace

Ink ink_of(doc::Tone tone) noexcept {
  switch (tone) {
    case doc::Tone::plain: return Ink::plain;
    case doc::Tone::title: return Ink::bold;
    case doc::Tone::minor: return Ink::dim;
    case doc::Tone::good: return Ink::green;
    case doc::Tone::odd: return Ink::yellow;
    case doc::Tone::bad: return Ink::red;
    case doc::Tone::note: return Ink::cyan;
  }
  return Ink::plain;
}

std::string words_of_key(std::string_view key) {
  std::string out(key);
  std::ranges::replace(out, '_', ' ');
  return out;
}

std::string masked(std::string_view identifier) {
  std::string out(identifier);
  for (char& c : out) {
    if (is_letter_or_digit(c)) c = 'x';
  }
  return out;
}

std::string words_of(const doc::Value& value, bool identifiers) {
  struct Visitor {
    doc::As as;
    bool identifiers;
    std::string operator()(Unknown) const { return "unknown"; }
    std::string operator()(bool flag) const { return flag ? "yes" : "no"; }
    std::string operator()(std::uint64_t number) const {
      switch (as) {
        case doc::As::size: return size_text(number);
        case doc::As::hex: return fmt::format("{:#x}", number);
        case doc::As::address: return fmt::format("{:#010x}", number);
        default: return fmt::format("{}", number);
      }
    }
    std::string operator()(const std::string& text) const {
      return as == doc::As::identifier && !identifiers ? masked(text) : text;
    }
    std::string operator()(Range range) const { return range_text(range); }
    std::string operator()(const doc::Value::List& list) const {
      std::string out;
      for (const doc::Value& one : list) out.append(out.empty() ? "" : ", ").append(words_of(one, identifiers));
      return out.empty() ? "none" : out;
    }
    std::string operator()(const doc::Value::Object& object) const {
      std::string out;
      for (const doc::Field& field : object) {
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", words_of_key(field.key),
                           words_of(field.value, identifiers));
      }
      return out;
    }
  };
  return std::visit(Visitor{value.as, identifiers}, value.content);
}

std::string to_text(const doc::Section& section, const TextStyle& style) {
  TextWriter writer(style);
  write(writer, section);
  return std::move(writer).take();
}

}  // namespace quell::report
