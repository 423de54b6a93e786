// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of a scan database, described for people in docs/formats/scan-database.md. SQLite and PostgreSQL get the
// same tables, indexes and views, so that one question is one SQL text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quell::store {

// The version of the tables. A database of another one is not touched.
inline constexpr std::int64_t schema_version = 1;
// Marks a SQLite file as a scan database ("quls").
inline constexpr std::int32_t application_id = 0x71756C73;

enum class TableId { run, image, engine, state, checked, key, action, finding, advisory, cve, file };

enum class Type { text, integer, real };

struct Column {
  std::string_view name;
  Type type = Type::text;
  bool required = true;
};

struct Table {
  TableId id;
  std::string_view name;
  bool of_image;    // its first column is the number of the image, which the database gives
  std::size_t key;  // so many of the first columns are the primary key
  bool shared;      // rows are keyed by their content: one that comes again is the same
  std::span<const Column> columns;
};

// In the order of TableId.
std::span<const Table> tables() noexcept;
const Table& table(TableId id) noexcept;

enum class Dialect { sqlite, postgres };

// The statements that make a table, what keeps an image from coming twice, the indexes that questions use, the views,
// and the note of the version.
std::string create_table(const Table& table, Dialect dialect);
std::string create_image_key();
std::vector<std::string> create_indexes();
std::vector<std::string> create_views();
std::vector<std::string> create_version(Dialect dialect);

// The statuses of an image that are no result; one of them gives way to a result of the same run of the program over
// the same bytes (a longer time limit). As a list for SQL.
inline constexpr std::string_view failures = "('timeout', 'memory', 'crash')";

// One cell. Text is UTF-8 without NUL.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

// The same of a record, in memory of who made it.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string_view>;

struct Row {
  TableId table = TableId::file;
  std::vector<Cell> cells{};  // without the number of the image
};

// What one line of a scan says: an image and what belongs to it, or a file.
struct Record {
  bool image = false;
  std::vector<Row> shared{};  // keyed by their content: they stand in the database whatever becomes of the rest
  std::vector<Row> rows{};    // of an image: the image first; of a file: that alone
};

}  // namespace quell::store
