// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/print_rows.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/printable.h"
#include "base/words.h"
#include "quell/version.h"
#include "report/text_writer.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;
using store::Value;

std::string text_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

bool is_number(const Value& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

// Columns are as wide as what they held so far; rows come in blocks, so that any number of them takes little memory.
class TablePrinter final : public RowPrinter {
 public:
  explicit TablePrinter(const Session& session)
      : style_{session.use_color(), session.width(), session.verbosity}, quiet_(session.verbosity < 0) {}

  void begin(const Asked& /*asked*/, const std::vector<std::string>& columns) override {
    widths_.assign(columns.size(), 0);
    if (quiet_) return;
    report::Row head;
    for (const std::string& column : columns) head.push_back({printable(column), report::Ink::bold});
    block_.push_back(std::move(head));
  }
  void row(const std::vector<Value>& cells) override {
    report::Row row;
    for (const Value& cell : cells) row.push_back({.text = printable(text_of(cell)), .right = is_number(cell)});
    // The title of a column of numbers stands above them.
    if (count_++ == 0 && !block_.empty()) {
      for (std::size_t i = 0; i < row.size(); ++i) block_.front().at(i).right = row[i].right;
    }
    block_.push_back(std::move(row));
    if (block_.size() >= rows_at_once) flush();
  }
  void end() override {
    flush();
    if (!quiet_) print(fmt::format("({})\n", count_text(count_, "row")));
  }

 private:
  static constexpr std::size_t rows_at_once = 1000;

  void flush() {
    for (report::Row& row : block_) {
      for (std::size_t i = 0; i < row.size(); ++i)
        widths_.at(i) = std::max(widths_.at(i), report::columns(row[i].text));
    }
    for (report::Row& row : block_) {
      for (std::size_t i = 0; i < row.size(); ++i) row[i].least = widths_.at(i);
    }
    report::TextWriter writer(style_);
    writer.table(0, block_);
    block_.clear();
    print(std::move(writer).take());
  }

  report::TextStyle style_;
  bool quiet_;
  std::uint64_t count_ = 0;
  std::vector<std::size_t> widths_{};
  std::vector<report::Row> block_{};
};

class CsvPrinter final : public RowPrinter {
 public:
  void begin(const Asked& /*asked*/, const std::vector<std::string>& columns) override {
    for (std::size_t i = 0; i < columns.size(); ++i) add(i, columns[i]);
    line_ += '\n';
  }
  void row(const std::vector<Value>& cells) override {
    for (std::size_t i = 0; i < cells.size(); ++i) add(i, text_of(cells[i]));
    line_ += '\n';
    if (line_.size() >= worth_printing) flush();
  }
  void end() override { flush(); }

 private:
  static constexpr std::size_t worth_printing = std::size_t{64} << 10U;

  void add(std::size_t index, const std::string& text) {
    if (index > 0) line_ += ',';
    const std::string shown = printable_lines(text);
    if (shown.find_first_of(",\"\r\n") == std::string::npos) {
      line_ += shown;
      return;
    }
    line_ += '"';
    for (const char c : shown) line_.append(c == '"' ? 2 : 1, c);
    line_ += '"';
  }
  void flush() {
    print(line_);
    line_.clear();
  }

  std::string line_{};
};

std::string dumped(const Json& json) {
  return printable_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json head_of_document() {
  Json out;
  out["schema"] = "quell/2";
  out["program"] = {{"name", "quell"}, {"version", version}};
  out["command"] = "query";
  return out;
}

class JsonPrinter final : public RowPrinter {
 public:
  void begin(const Asked& asked, const std::vector<std::string>& columns) override {
    Json head = head_of_document();
    if (!asked.question.empty()) head["question"] = asked.question;
    head["sql"] = asked.sql;
    head["columns"] = columns;
    std::string text = printable_json(head.dump(2, ' ', false, Json::error_handler_t::replace));
    text.resize(text.find_last_of('\n'));
    print(text.append(",\n  \"rows\": ["));
  }
  void row(const std::vector<Value>& cells) override {
    Json row = Json::array();
    for (const Value& cell : cells) row.push_back(json_of(cell));
    pending_.append(first_ ? "\n    " : ",\n    ").append(dumped(row));
    first_ = false;
    if (pending_.size() >= worth_printing) flush();
  }
  void end() override {
    pending_.append(first_ ? "]\n}\n" : "\n  ]\n}\n");
    flush();
  }

 private:
  static constexpr std::size_t worth_printing = std::size_t{64} << 10U;

  static Json json_of(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return nullptr;
  }
  void flush() {
    print(pending_);
    pending_.clear();
  }

  bool first_ = true;
  std::string pending_{};
};

}  // namespace

std::unique_ptr<RowPrinter> make_row_printer(RowFormat format, const Session& session) {
  switch (format) {
    case RowFormat::csv: return std::make_unique<CsvPrinter>();
    case RowFormat::json: return std::make_unique<JsonPrinter>();
    case RowFormat::table: break;
  }
  return std::make_unique<TablePrinter>(session);
}

void print_questions(RowFormat format, const Session& session) {
  if (format == RowFormat::json) {
    Json out = head_of_document();
    for (const store::Question& question : store::questions()) {
      out["questions"].push_back({{"name", question.name}, {"title", question.title}, {"sql", question.sql}});
    }
    return print(printable_json(out.dump(2)) + "\n");
  }
  if (format == RowFormat::csv) {
    CsvPrinter printer;
    printer.begin({}, {"name", "title"});
    for (const store::Question& question : store::questions()) {
      printer.row({std::string(question.name), std::string(question.title)});
    }
    return printer.end();
  }
  report::TextWriter writer({session.use_color(), session.width(), session.verbosity});
  std::vector<report::Row> rows;
  for (const store::Question& question : store::questions()) {
    rows.push_back({{std::string(question.name), report::Ink::bold}, {std::string(question.title)}});
  }
  writer.table(0, rows);
  print(std::move(writer).take());
}

}  // namespace quell::cli
