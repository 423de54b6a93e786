// SPDX-License-Identifier: GPL-2.0-or-later
#include "tables/schema.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/csv.h"
#include "base/number.h"

namespace quell::tables {
namespace {

constexpr std::string_view schema_header = "column,type,required,key,values,refers,meaning";

// The fields of one line of a schema.
struct Column {
  std::string name{}, type{}, values{}, refers{};
  bool required = true;
  std::vector<std::string> keys{};  // numbers; the columns that share one are unique together
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    std::string_view part = text.substr(0, end);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool all_of(std::string_view text, int (*test)(int)) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [test](char c) { return test(static_cast<unsigned char>(c)) != 0; });
}

// What a cell of a column must be, in words; nothing when it is that.
using Wanted = std::optional<std::string>;
Wanted unless(bool right, std::string wanted) { return right ? std::nullopt : Wanted(std::move(wanted)); }

Wanted check_text(const Column& /*column*/, std::string_view cell) {
  const bool clean =
      std::none_of(cell.begin(), cell.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return unless(clean && cell.front() != ' ' && cell.back() != ' ', "text in one line without blanks around it");
}

Wanted check_word(const Column& column, std::string_view cell) {
  if (!column.values.empty() && !contains(split(column.values, '|'), cell)) return "one of " + column.values;
  return unless(all_of(cell, std::isprint), "a word");
}

Wanted check_flag(const Column& /*column*/, std::string_view cell) {
  return unless(cell == "yes" || cell == "no", "yes or no");
}

// "low..high"; without one, what fits in 32 bits.
std::optional<std::pair<std::uint64_t, std::uint64_t>> limits(std::string_view values) {
  if (values.empty()) return std::pair<std::uint64_t, std::uint64_t>{0, ~std::uint32_t{0}};
  const auto dots = values.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const auto low = parse_integer(values.substr(0, dots));
  const auto high = parse_integer(values.substr(dots + 2));
  if (!low || !high || *low > *high) return std::nullopt;
  return std::pair{*low, *high};
}

Wanted check_number(const Column& column, std::string_view cell) {
  const auto value = parse_integer(cell);
  if (!value) return "a number, decimal or hexadecimal after 0x";
  const auto [low, high] = *limits(column.values);
  return unless(*value >= low && *value <= high, "within " + (column.values.empty() ? "32 bits" : column.values));
}

// The program compares these as text, so they stand in the case that it writes.
bool hex_digits(std::string_view text, std::string_view letters) {
  return std::all_of(text.begin(), text.end(), [letters](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0 || letters.find(c) != std::string_view::npos;
  });
}
constexpr std::string_view lower = "abcdef";
constexpr std::string_view upper = "ABCDEF";

Wanted check_hex(const Column& column, std::string_view cell) {
  return unless(hex_digits(cell, lower) && cell.size() == parse_decimal(column.values),
                column.values + " lower-case hexadecimal digits without 0x");
}

Wanted check_range(const Column& /*column*/, std::string_view cell) {
  const auto dash = cell.find('-');
  const auto low = parse_decimal(cell.substr(0, dash));
  const auto high = dash == std::string_view::npos ? std::nullopt : parse_decimal(cell.substr(dash + 1));
  return unless(low && high && *low <= *high, "two decimal numbers as in 3000-3999");
}

Wanted check_version(const Column& column, std::string_view cell) {
  const auto words = split(column.values, '|');
  if (contains(words, cell)) return std::nullopt;
  const auto parts = split(cell, '.');
  const bool right =
      parts.size() <= 4 && cell.back() != '.' && std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
        return parse_decimal<std::uint32_t>(part) || contains(words, part);
      });
  return unless(right, "a version of up to four numbers" + (words.empty() ? "" : ", or with " + column.values));
}

Wanted check_bytes(const Column& column, std::string_view cell) {
  const bool size =
      column.values.empty() ? cell.size() % 2 == 0 : cell.size() == 2 * parse_decimal(column.values).value_or(0);
  return unless(size && hex_digits(cell, lower),
                column.values + (column.values.empty() ? "" : " ") + "bytes, two lower-case hexadecimal digits each");
}

Wanted check_bits(const Column& /*column*/, std::string_view cell) {
  return unless(cell.find_first_not_of("01") == std::string_view::npos, "bits");
}

Wanted check_guid(const Column& column, std::string_view cell) {
  constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const std::string_view letters = column.values == "upper" ? upper : lower;
  const bool right =
      cell.size() == shape.size() && std::equal(cell.begin(), cell.end(), shape.begin(), [letters](char c, char s) {
        return s == '-' ? c == '-' : hex_digits({&c, 1}, letters);
      });
  return unless(right, "a GUID in " + column.values + " case");
}

Wanted check_parts(const Column& column, std::string_view cell, char separator) {
  const auto parts = split(cell, separator);
  if (cell.back() == separator || contains(parts, "")) return "a list without empty parts";
  for (const std::string& part : parts) {
    if (auto wanted = check_word(column, part)) return wanted;
  }
  return std::nullopt;
}

Wanted check_list(const Column& column, std::string_view cell) { return check_parts(column, cell, ';'); }
Wanted check_words(const Column& column, std::string_view cell) { return check_parts(column, cell, ' '); }

bool no_values(std::string_view values) { return values.empty(); }
bool any_values(std::string_view /*values*/) { return true; }
bool right_limits(std::string_view values) { return limits(values).has_value(); }
bool right_digits(std::string_view values) {
  const auto digits = parse_decimal(values);
  return digits && *digits >= 1 && *digits <= 16;
}
bool right_case(std::string_view values) { return values == "lower" || values == "upper"; }
bool right_size(std::string_view values) { return values.empty() || parse_decimal(values); }

struct Type {
  std::string_view name;
  Wanted (*cell)(const Column&, std::string_view);  // for cells that are not empty
  bool (*values)(std::string_view);                 // what may stand under `values`
};

constexpr std::array types{Type{"text", check_text, no_values},        Type{"word", check_word, any_values},
                           Type{"flag", check_flag, no_values},        Type{"number", check_number, right_limits},
                           Type{"hex", check_hex, right_digits},       Type{"range", check_range, no_values},
                           Type{"version", check_version, any_values}, Type{"bytes", check_bytes, right_size},
                           Type{"bits", check_bits, no_values},        Type{"guid", check_guid, right_case},
                           Type{"list", check_list, any_values},       Type{"words", check_words, any_values}};

const Type* type_of(std::string_view name) {
  const auto* const found =
      std::find_if(types.begin(), types.end(), [name](const Type& type) { return type.name == name; });
  return found == types.end() ? nullptr : found;
}

// The parts of a cell that name rows of another table.
std::vector<std::string> names_in(const Column& column, std::string_view cell) {
  if (column.type == "list") return split(cell, ';');
  if (column.type == "words") return split(cell, ' ');
  return cell.empty() ? std::vector<std::string>{} : std::vector<std::string>{std::string(cell)};
}

// The column with the other end of what begins in this one: first_version and last_version, major_from and major_to.
std::optional<std::string> end_of_span(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> ends{
      {{"_from", "_to"}, {"_min", "_max"}, {"first_", "last_"}, {"low", "high"}}};
  for (const auto& [first, last] : ends) {
    const bool at_end = first.front() == '_' && name.ends_with(first);
    if (at_end) return name.substr(0, name.size() - first.size()) + std::string(last);
    if (first.front() != '_' && name.starts_with(first)) return std::string(last) + name.substr(first.size());
  }
  return std::nullopt;
}

// The numbers of a number or a version, which compare as they should.
std::vector<std::optional<std::uint64_t>> numbers_in(std::string_view cell) {
  std::vector<std::optional<std::uint64_t>> numbers;
  for (const std::string& part : split(cell, '.')) numbers.push_back(parse_integer(part));
  return numbers;
}

class Checker {
 public:
  Checker(const Files& tables, const Files& schemas) : tables_(tables) {
    for (const auto& [name, text] : schemas) read_schema(name, text);
  }

  std::vector<std::string> run() && {
    for (const auto& [name, text] : tables_) check_table(name, Csv(text));
    for (const auto& [name, columns] : schemas_) {
      if (!tables_.contains(name)) say("data/schema/" + name + ".csv", "there is no table data/" + name + ".csv");
    }
    return std::move(problems_);
  }

 private:
  void say(const std::string& where, const std::string& what) { problems_.push_back(where + ": " + what); }

  void read_schema(const std::string& name, const std::string& text) {
    const std::string file = "data/schema/" + name + ".csv";
    std::vector<Column>& columns = schemas_[name];
    if (text.substr(0, text.find('\n')) != schema_header) {
      say(file + ":1", "the columns of a schema are " + std::string(schema_header));
      return;
    }
    const Csv csv(text);
    for (std::size_t row = 0; row < csv.size(); ++row) {
      const auto cell = [&](std::size_t column) { return std::string(csv.cell(row, column)); };
      const std::string where = file + ":" + std::to_string(row + 2);
      const Column column{cell(0), cell(1), cell(4), cell(5), cell(2) == "yes", split(cell(3), ' ')};
      const Type* type = type_of(column.type);
      if (contains(csv.uneven(), row)) say(where, "a line has seven cells");
      if (column.name.empty() || cell(6).empty()) say(where, "a column needs a name and a meaning");
      if (cell(2) != "yes" && cell(2) != "no") say(where, "required is yes or no");
      if (type == nullptr) {
        say(where, "there is no type '" + column.type + "'");
      } else if (!type->values(column.values)) {
        say(where, "'" + column.values + "' says nothing to the type " + column.type);
      }
      columns.push_back(column);
    }
  }

  static bool contains(const std::vector<std::size_t>& rows, std::size_t row) {
    return std::find(rows.begin(), rows.end(), row) != rows.end();
  }
  static bool contains(const std::vector<std::string>& words, std::string_view word) {
    return tables::contains(words, word);
  }

  void check_table(const std::string& name, const Csv& csv) {
    const std::string file = "data/" + name + ".csv";
    const auto schema = schemas_.find(name);
    if (schema == schemas_.end()) {
      say(file, "it has no schema: describe its columns in data/schema/" + name + ".csv (data/README.md says how)");
      return;
    }
    std::vector<std::string> names;
    for (const Column& column : schema->second) names.push_back(column.name);
    if (!std::equal(names.begin(), names.end(), csv.columns().begin(), csv.columns().end())) {
      check_names(file, names, csv);
      return;
    }
    for (const std::size_t row : csv.uneven()) {
      say(file + ":" + std::to_string(row + 2), "it has more or fewer cells than there are columns");
    }
    for (std::size_t i = 0; i < names.size(); ++i) check_column(file, schema->second[i], i, csv);
    check_spans(file, names, csv);
    check_keys(file, schema->second, csv);
  }

  void check_spans(const std::string& file, const std::vector<std::string>& names, const Csv& csv) {
    for (std::size_t first = 0; first < names.size(); ++first) {
      const auto end = end_of_span(names[first]);
      const auto last = end ? csv.column(*end) : std::nullopt;
      for (std::size_t row = 0; last && row < csv.size(); ++row) {
        const std::string_view from = csv.cell(row, first);
        const std::string_view to = csv.cell(row, *last);
        if (!from.empty() && !to.empty() && numbers_in(to) < numbers_in(from)) {
          say(file + ":" + std::to_string(row + 2), names[first] + " is above " + *end);
        }
      }
    }
  }

  void check_names(const std::string& file, const std::vector<std::string>& names, const Csv& csv) {
    const std::size_t before = problems_.size();
    for (const std::string_view column : csv.columns()) {
      if (!contains(names, column)) say(file + ":1", "its schema has no column '" + std::string(column) + "'");
    }
    for (const std::string& column : names) {
      if (!csv.column(column)) say(file + ":1", "the column '" + column + "' of its schema is missing");
    }
    if (problems_.size() == before) say(file + ":1", "its columns stand in another order than in its schema");
  }

  void check_column(const std::string& file, const Column& column, std::size_t index, const Csv& csv) {
    const Type* type = type_of(column.type);
    if (type == nullptr || !type->values(column.values)) return;  // said of the schema
    const auto referred = referred_names(file, column);
    for (std::size_t row = 0; row < csv.size(); ++row) {
      const std::string cell(csv.cell(row, index));
      const std::string where = file + ":" + std::to_string(row + 2) + ": " + column.name;
      if (cell.empty()) {
        if (column.required) say(where, "a cell is empty");
        continue;
      }
      if (const auto wanted = type->cell(column, cell)) say(where, "'" + cell + "' is not " + *wanted);
      if (!referred) continue;
      for (const std::string& one : names_in(column, cell)) {
        if (!referred->contains(one)) say(where, "'" + one + "' stands nowhere in " + column.refers);
      }
    }
  }

  // What the column may name: the cells of TABLE.COLUMN.
  std::optional<std::set<std::string>> referred_names(const std::string& file, const Column& column) {
    if (column.refers.empty()) return std::nullopt;
    const auto dot = column.refers.find('.');
    const auto table = tables_.find(column.refers.substr(0, dot));
    if (dot != std::string::npos && table != tables_.end()) {
      const Csv other(table->second);
      if (const auto index = other.column(std::string_view(column.refers).substr(dot + 1))) {
        std::set<std::string> names;
        for (std::size_t row = 0; row < other.size(); ++row) names.emplace(other.cell(row, *index));
        return names;
      }
    }
    say(file, "its column " + column.name + " refers to " + column.refers + ", which is no TABLE.COLUMN");
    return std::nullopt;
  }

  void check_keys(const std::string& file, const std::vector<Column>& columns, const Csv& csv) {
    std::map<std::string, std::vector<std::size_t>> keys;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      keys["the row"].push_back(i);
      for (const std::string& key : columns[i].keys) keys["key " + key].push_back(i);
    }
    for (const auto& [key, parts] : keys) {
      std::map<std::vector<std::string>, std::size_t> seen;
      for (std::size_t row = 0; row < csv.size(); ++row) {
        std::vector<std::string> cells;
        for (const std::size_t part : parts) cells.emplace_back(csv.cell(row, part));
        // A key of one column that may be empty holds for the cells that are not.
        if (cells.size() == 1 && cells.front().empty()) continue;
        const auto [first, fresh] = seen.emplace(cells, row + 2);
        if (fresh) continue;
        say(file + ":" + std::to_string(row + 2), key + (key == "the row" ? "" : " (" + cells.front() + " ...)") +
                                                      " stands in line " + std::to_string(first->second) + " too");
      }
    }
  }

  const Files& tables_;
  std::map<std::string, std::vector<Column>, std::less<>> schemas_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> check(const Files& tables, const Files& schemas) { return Checker(tables, schemas).run(); }

}  // namespace quell::tables
