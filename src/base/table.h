// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of data/, read through their schemas (data/schema, explained in data/README.md). The build checks every
// cell against them and compiles them in, so what a getter promises holds for every row, and a column that is misspelt,
// a word that the column never holds or a number that may not fit the type do not compile.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/csv.h"
#include "base/number.h"

namespace quell {

// How the cells of a column are written.
enum class Cell { text, word, flag, number, hex, range, version_number, bytes, bits, guid, list, words };

// One line of a schema.
struct Column {
  std::string_view name;
  Cell cell;
  bool required;            // no cell is empty
  std::string_view values;  // word: "a|b"; number: "low..high"; hex: how many digits
};

// A word of a column and what it stands for.
template <class Meaning>
struct Word {
  std::string_view word;
  Meaning meaning;
};
template <class Meaning>
Word(std::string_view, Meaning) -> Word<Meaning>;

namespace table_detail {

constexpr std::uint64_t number_in(std::string_view text) {
  const bool hex = has_hex_prefix(text);
  std::uint64_t value = 0;
  for (const char c : text.substr(hex ? 2 : 0)) {
    value = value * (hex ? 16 : 10) + static_cast<std::uint64_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

// The largest number that the column may hold.
constexpr std::uint64_t most(const Column& column) {
  if (column.cell == Cell::hex) return ~std::uint64_t{0} >> (64 - 4 * number_in(column.values));
  const auto dots = column.values.find("..");
  return dots == std::string_view::npos ? ~std::uint32_t{0} : number_in(column.values.substr(dots + 2));
}

// Takes the first of several words off the front of `values`.
constexpr std::string_view take_word(std::string_view& values) {
  const std::string_view first = values.substr(0, values.find('|'));
  values.remove_prefix(first.size() == values.size() ? first.size() : first.size() + 1);
  return first;
}

constexpr bool holds_word(const Column& column, std::string_view word) {
  if (word.empty()) return !column.required;
  if (column.cell == Cell::flag) return word == "yes" || word == "no";
  if (column.cell != Cell::word) return false;
  for (std::string_view values = column.values; !values.empty();) {
    if (take_word(values) == word) return true;
  }
  return column.values.empty();  // a key of another table: the compiler does not know them
}

template <class Words>
constexpr auto* find_word(const Words& words, std::string_view word) {
  for (const auto& one : words) {
    if (one.word == word) return &one;
  }
  return static_cast<decltype(&*words.begin())>(nullptr);
}

// The separator of a column that holds several words.
constexpr char separator(Cell cell) { return cell == Cell::list ? ';' : ' '; }

std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace table_detail

// Columns by name, looked up by the compiler: one that the table has not, or not of that kind, is no constant
// expression. They convert from a literal where a getter is called.
template <class Facts>
struct ColumnOf {
  std::size_t index;

  consteval ColumnOf(const char* name) : index(index_of(name)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] constexpr const Column& column() const { return Facts::columns[index]; }

  static consteval std::size_t index_of(std::string_view name) {
    for (std::size_t i = 0; i < Facts::columns.size(); ++i) {
      if (Facts::columns[i].name == name) return i;
    }
    throw "the table has no such column";
  }
};

template <class Facts, class T, bool required>
struct NumberColumn : ColumnOf<Facts> {
  consteval NumberColumn(const char* name) : ColumnOf<Facts>(name) {  // NOLINT(google-explicit-constructor)
    const Column& column = this->column();
    if (column.cell != Cell::number && column.cell != Cell::hex) throw "the column holds no numbers";
    if (column.required != required) throw "number() is for required columns, optional_number() for the others";
    if (table_detail::most(column) > std::numeric_limits<T>::max()) throw "the column's numbers may not fit";
  }
};

template <class Facts, Cell... cells>
struct CellColumn : ColumnOf<Facts> {
  consteval CellColumn(const char* name) : ColumnOf<Facts>(name) {  // NOLINT(google-explicit-constructor)
    if (((this->column().cell != cells) && ...)) throw "the column holds cells of another kind";
  }
};

template <class Facts>
struct WordOf {
  ColumnOf<Facts> of;
  std::string_view word;

  consteval WordOf(const char* name, const char* text) : of(name), word(text) {
    if (!table_detail::holds_word(of.column(), word)) throw "the column never holds this word";
  }
};

template <class Facts, const auto& words>
struct ChoiceColumn : ColumnOf<Facts> {
  consteval ChoiceColumn(const char* name) : ColumnOf<Facts>(name) {  // NOLINT(google-explicit-constructor)
    const Column& column = this->column();
    if (column.cell != Cell::word || column.values.empty()) throw "the column has no fixed words";
    if (!column.required && table_detail::find_word(words, "") == nullptr) throw "empty cells need a meaning";
    for (std::string_view values = column.values; !values.empty();) {
      if (table_detail::find_word(words, table_detail::take_word(values)) == nullptr)
        throw "a word of the column has no meaning";
    }
    for (const auto& one : words) {
      if (!table_detail::holds_word(column, one.word)) throw "the column never holds one of the words";
    }
  }
};

// One row; valid as long as its table. A cell that is not what the schema promises throws std::bad_optional_access:
// there is no default.
template <class Facts>
class Row {
 public:
  Row(const Csv& csv, std::size_t index) : csv_(&csv), index_(index) {}

  // The cell as it is written.
  [[nodiscard]] std::string_view operator[](ColumnOf<Facts> column) const { return csv_->cell(index_, column.index); }

  template <std::unsigned_integral T = unsigned>
  [[nodiscard]] T number(std::type_identity_t<NumberColumn<Facts, T, true>> column) const {
    return parse<T>(column).value();
  }

  // Nothing for an empty cell.
  template <std::unsigned_integral T = unsigned>
  [[nodiscard]] std::optional<T> optional_number(std::type_identity_t<NumberColumn<Facts, T, false>> column) const {
    return (*this)[column].empty() ? std::nullopt : std::optional(parse<T>(column).value());
  }

  // "low-high"; nothing for an empty cell.
  [[nodiscard]] std::optional<std::pair<std::uint64_t, std::uint64_t>> range(
      CellColumn<Facts, Cell::range> column) const {
    const std::string_view text = (*this)[column];
    if (text.empty()) return std::nullopt;
    const auto dash = std::min(text.find('-'), text.size() - 1);
    return std::pair{parse_decimal(text.substr(0, dash)).value(), parse_decimal(text.substr(dash + 1)).value()};
  }

  // Whether a column of words or a flag holds this word: `row.is({"role", "host"})`.
  [[nodiscard]] bool is(WordOf<Facts> wanted) const { return (*this)[wanted.of] == wanted.word; }

  // "yes" or "no"; an empty cell of a column that may have them is "no".
  [[nodiscard]] bool flag(CellColumn<Facts, Cell::flag> column) const {
    constexpr std::array words{Word{"yes", true}, Word{"no", false}, Word{"", false}};
    return meaning(words, (*this)[column]);
  }

  // The meaning of the column's word, out of a constant array of Word.
  template <const auto& words>
  [[nodiscard]] auto choice(ChoiceColumn<Facts, words> column) const {
    return meaning(words, (*this)[column]);
  }

  // The parts of a cell that holds several; none for an empty one.
  [[nodiscard]] std::vector<std::string_view> list(CellColumn<Facts, Cell::list, Cell::words> column) const {
    return table_detail::split((*this)[column], table_detail::separator(column.column().cell));
  }

 private:
  template <class Words>
  static auto meaning(const Words& words, std::string_view word) {
    const auto* found = table_detail::find_word(words, word);
    if (found == nullptr) throw std::bad_optional_access();
    return found->meaning;
  }

  template <class T>
  [[nodiscard]] std::optional<T> parse(ColumnOf<Facts> column) const {
    return column.column().cell == Cell::hex ? parse_hex<T>((*this)[column]) : parse_integer<T>((*this)[column]);
  }

  const Csv* csv_;
  std::size_t index_;
};

// A table of data/: `Table(data::spi_wires)`. Splitting it into cells is what its making costs.
template <class Facts>
class Table {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Row<Facts>;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Row<Facts>;

    Iterator(const Csv& csv, std::size_t index) : csv_(&csv), index_(index) {}
    Row<Facts> operator*() const { return {*csv_, index_}; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++index_;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const Csv* csv_;
    std::size_t index_;
  };

  explicit Table(Facts) : csv_(Facts::text) {}

  [[nodiscard]] std::size_t size() const noexcept { return csv_.size(); }
  [[nodiscard]] Row<Facts> row(std::size_t index) const { return {csv_, index}; }
  [[nodiscard]] Iterator begin() const { return {csv_, 0}; }
  [[nodiscard]] Iterator end() const { return {csv_, size()}; }

  // The first row with this text in the column.
  [[nodiscard]] std::optional<Row<Facts>> find(ColumnOf<Facts> column, std::string_view text) const {
    for (std::size_t i = 0; i < size(); ++i) {
      if (csv_.cell(i, column.index) == text) return row(i);
    }
    return std::nullopt;
  }

 private:
  Csv csv_;
};

// What `make` turns each row into, in the table's order.
template <class Facts, class Make>
auto rows_of(const Table<Facts>& table, Make make) {
  std::vector<std::invoke_result_t<Make, Row<Facts>>> out;
  out.reserve(table.size());
  for (const Row<Facts> row : table) out.push_back(make(row));
  return out;
}

}  // namespace quell
