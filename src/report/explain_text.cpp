// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "report/answers.h"
#include "report/explain.h"
#include "report/statement_words.h"
#include "report/text_writer.h"

namespace quell::report {
namespace {

constexpr std::size_t heading_width = 13;
constexpr std::size_t cell_width = 11;

Ink ink_of(const Statement& statement) { return statement.strength == Strength::low ? Ink::dim : Ink::plain; }

// The text in lines of at most `width` columns, broken at blanks.
std::vector<std::string> folded(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool fits = columns(lines.back()) + 1 + columns(word) <= width;
    if (!lines.back().empty() && !fits) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

// One row of the comparison, as many lines high as its highest cell.
void add_grid_row(std::vector<Row>& rows, const std::vector<std::string>& cells, Ink first) {
  std::vector<std::vector<std::string>> columns_of;
  for (std::size_t i = 0; i < cells.size(); ++i)
    columns_of.push_back(folded(cells[i], i == 0 ? heading_width : cell_width));
  std::size_t height = 0;
  for (const auto& column : columns_of) height = std::max(height, column.size());
  for (std::size_t line = 0; line < height; ++line) {
    Row row;
    for (std::size_t i = 0; i < columns_of.size(); ++i) {
      const auto& column = columns_of[i];
      row.push_back({line < column.size() ? column[line] : std::string(), i == 0 ? first : Ink::plain});
    }
    rows.push_back(std::move(row));
  }
}

void write_statement(TextWriter& writer, std::string_view title, const Statement& one) {
  writer.line();
  writer.line("  " + writer.paint(Ink::bold, title));
  writer.paragraph(4, text_of(one), ink_of(one));
  if (writer.style().verbosity >= 0)
    writer.paragraph(4, fmt::format("[{}: {}]", to_string(one.strength), one.source), Ink::dim);
}

void write_strengths(TextWriter& writer) {
  writer.line();
  writer.paragraph(2,
                   "[H: a primary source was read, or it was measured; M: a good secondary source, or two that agree; "
                   "L: not confirmed]",
                   Ink::dim);
}

// The words of the field that a page has used, each with its meaning.
void write_terms(TextWriter& writer, std::string_view text) {
  const auto used = terms_in(text);
  if (used.empty()) return;
  writer.heading("Words on this page");
  for (const UsedTerm& one : used) writer.item(2, {fmt::format("{}:", one.as), Ink::bold}, one.term->meaning);
}

// Behind the answers: what their words and marks mean.
void write_legend(TextWriter& writer, std::string_view text) {
  if (writer.style().verbosity < 0) return;
  write_terms(writer, text);
  write_strengths(writer);
}

void write_choices(TextWriter& writer) {
  std::string engines;
  for (const Subject& subject : subjects()) engines += fmt::format("{}{}", engines.empty() ? "" : ", ", subject.id);
  std::string questions;
  for (const KnownQuestion& question : known_questions())
    questions += fmt::format("{}{}", questions.empty() ? "" : ", ", question.id);
  writer.line();
  const auto choice = [&writer](std::string_view command, std::string_view text) {
    writer.item(0, {fmt::format("{:22}", command), Ink::bold}, text);
  };
  choice("quell explain ENGINE", engines);
  choice("quell explain QUESTION", questions);
  choice("quell explain IMAGE", "what is really in a firmware image; --this-machine: in this machine");
  choice("quell explain beliefs", "what is often said of them, and what is so");
}

}  // namespace

std::string comparison_text(const TextStyle& given) {
  TextStyle style = given;
  if (style.width == 0 || style.width > 80) style.width = 80;
  TextWriter writer(style);
  writer.line(writer.paint(Ink::bold, "The computers inside computers"));
  writer.line();
  if (style.verbosity >= 0) {
    writer.paragraph(0, introduction);
    writer.line();
  }
  std::vector<Row> rows;
  std::vector<std::string> head{""};
  for (const KnownQuestion& question : known_questions()) {
    if (question.compared) head.emplace_back(question.heading);
  }
  add_grid_row(rows, head, Ink::bold);
  for (const Subject& subject : subjects()) {
    std::vector<std::string> cells{std::string(subject.heading)};
    for (const KnownQuestion& question : known_questions()) {
      const Statement* one = question.compared ? statement_on(subject.id, question.id) : nullptr;
      if (one != nullptr) cells.push_back(brief_of(*one));
    }
    rows.emplace_back();
    add_grid_row(rows, cells, Ink::bold);
  }
  writer.table(0, rows);
  if (style.verbosity >= 0) write_choices(writer);
  return std::move(writer).take();
}

std::string to_text(const Subject& subject, const TextStyle& style) {
  TextWriter writer(style);
  writer.line(fmt::format("{} ({})", writer.paint(Ink::bold, subject.title), subject.id));
  std::string answers;
  for (const KnownQuestion& question : known_questions()) {
    const Statement* one = statement_on(subject.id, question.id);
    if (one == nullptr) continue;
    write_statement(writer, question.text, *one);
    answers.append(question.text).append(" ").append(one->long_answer).append(" ");
  }
  write_legend(writer, answers);
  return std::move(writer).take();
}

std::string to_text(const KnownQuestion& question, const TextStyle& style) {
  TextWriter writer(style);
  writer.line(fmt::format("{} ({})", writer.paint(Ink::bold, question.text), question.id));
  std::string answers(question.text);
  for (const Subject& subject : subjects()) {
    const Statement* one = statement_on(subject.id, question.id);
    if (one == nullptr) continue;
    write_statement(writer, subject.title, *one);
    answers.append(" ").append(one->long_answer);
  }
  write_legend(writer, answers);
  return std::move(writer).take();
}

Found found_in(const Report& report) {
  Found out{.place = report.file, .image = true};
  for (const EngineReport& engine : report.engines)
    out.engines.push_back({engine.engine, engine.title, engine.answers});
  return out;
}

Found found_on(const HostStatus& status, std::string place) {
  Found out{.place = std::move(place), .summary = status.summary};
  for (const EngineStatus& engine : status.engines)
    out.engines.push_back({engine.engine, engine.title, engine.answers});
  return out;
}

namespace {

// What an engine can only do over a network of its own.
bool needs_network(std::string_view question) {
  constexpr std::array needing{"mac-and-ip", "ports", "unnoticed", "remote-screen"};
  return std::ranges::find(needing, question) != needing.end();
}

// The questions that nothing here answers, as they are answered of every engine of the kind. Returns the sentences.
std::string write_general(TextWriter& writer, const FoundEngine& engine) {
  std::string said;
  const bool without_network = std::ranges::any_of(engine.answers, [](const ShortAnswer& answer) {
    return answer.asked == Asked::network && answer.holds == Holds::no && answer.basis == Basis::observed;
  });
  writer.paragraph(2, "of its kind in general:", Ink::dim);
  for (const KnownQuestion& question : known_questions()) {
    const bool answered = std::ranges::any_of(
        engine.answers, [&](const ShortAnswer& answer) { return to_string(answer.asked) == question.id; });
    const Statement* general = statement_on(engine.engine, question.id);
    if (answered || general == nullptr) continue;
    const bool pointless = without_network && needs_network(question.id);
    const std::string answer = pointless ? "no: it has no network here" : brief_of(*general);
    writer.item(4, {fmt::format("{}:", question.heading), Ink::bold}, answer);
    said.append(" ").append(question.heading).append(" ").append(answer);
  }
  return said;
}

// What was seen in full, and what is generally so where that is another thing. Returns the sentences.
std::string write_found(TextWriter& writer, const FoundEngine& engine) {
  std::string said = engine.title;
  writer.heading(printable(engine.title));
  for (const ShortAnswer& answer : engine.answers) {
    writer.item(2, {fmt::format("{}:", heading_of(answer.asked)), Ink::bold}, printable(answer_text(answer)));
    said.append(" ").append(answer.text);
    const Statement* general = statement_on(engine.engine, to_string(answer.asked));
    if (general == nullptr || answer.basis != Basis::observed) continue;
    writer.item(4, {"in general:", Ink::dim}, text_of(*general), Ink::dim);
    said.append(" ").append(general->long_answer);
  }
  if (writer.style().verbosity >= 0) said += write_general(writer, engine);
  writer.item(2, {"more:", Ink::dim}, fmt::format("quell explain {}", engine.engine), Ink::dim);
  return said;
}

}  // namespace

std::string to_text(const Found& found, const TextStyle& style) {
  TextWriter writer(style);
  writer.line(writer.paint(Ink::bold, printable(found.place)));
  if (!found.summary.empty()) writer.paragraph(2, printable(found.summary));
  std::string said;
  for (const FoundEngine& engine : found.engines) said.append(write_found(writer, engine)).append(" ");
  if (style.verbosity >= 0) write_terms(writer, said);
  if (found.engines.empty() && found.summary.empty()) writer.line("  No engine was found in this file.");
  return std::move(writer).take();
}

std::string to_text(const Term& term, const TextStyle& style) {
  TextWriter writer(style);
  writer.line(writer.paint(Ink::bold, names_of(term)));
  writer.paragraph(2, term.meaning);
  return std::move(writer).take();
}

std::string to_text(Beliefs beliefs, const TextStyle& style) {
  TextWriter writer(style);
  writer.line(writer.paint(Ink::bold, "What is often said of the computers inside computers"));
  std::string answers;
  for (const Belief& one : beliefs) {
    writer.line();
    writer.paragraph(2, one.belief, Ink::bold);
    writer.paragraph(4, text_of(one));
    if (style.verbosity >= 0)
      writer.paragraph(4, fmt::format("[{}: {}]", to_string(one.strength), one.source), Ink::dim);
    answers.append(one.belief).append(" ").append(one.answer).append(" ");
  }
  write_legend(writer, answers);
  return std::move(writer).take();
}

std::string to_text(const KnownFinding& finding, const TextStyle& style) {
  TextWriter writer(style);
  writer.line(writer.paint(Ink::bold, finding.id));
  writer.paragraph(2, finding.title);
  if (!finding.advice.empty()) writer.item(2, {"->"}, finding.advice);
  writer.item(2, {"severity", Ink::dim}, severities_of(finding));
  writer.item(2, {"counts in `check` under", Ink::dim}, finding.question);
  writer.item(2, {"reported since version", Ink::dim}, finding.since);
  if (style.verbosity >= 0) write_terms(writer, fmt::format("{} {}", finding.title, finding.advice));
  return std::move(writer).take();
}

}  // namespace quell::report
