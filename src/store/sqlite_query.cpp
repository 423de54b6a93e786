// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "store/query.h"
#include "store/sqlite.h"

namespace quell::store {
namespace {

constexpr int longest_sql = 1 << 20;

// What a statement may do: read. ATTACH would open other files, PRAGMA changes settings; the functions that are left
// out load code, or tell and take addresses of it. Notes in `context`, a bool, that something was denied: SQLite has a
// code of its own for that only with some.
int allow_reading(void* context, int action, const char* /*first*/, const char* second, const char* /*database*/,
                  const char* /*inner*/) {
  constexpr std::array reading{SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE};
  constexpr std::array<std::string_view, 2> not_for_reading{"load_extension", "fts3_tokenizer"};
  if (std::find(reading.begin(), reading.end(), action) != reading.end()) return SQLITE_OK;
  if (action == SQLITE_FUNCTION && std::ranges::find(not_for_reading, second) == not_for_reading.end())
    return SQLITE_OK;
  *static_cast<bool*>(context) = true;
  return SQLITE_DENY;
}

// Whether a statement fails for what it says, as with a sum that is too large, and not for what the file is.
bool is_fault_of_sql(int result) {
  constexpr std::array faults{SQLITE_ERROR, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE};
  return std::ranges::find(faults, result & 0xFF) != faults.end();
}

Value value_at(sqlite3_stmt* statement, int index) {
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_NULL: return {};
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, index)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, index);
    default: break;
  }
  const void* bytes = sqlite3_column_blob(statement, index);
  if (bytes == nullptr) return std::string();
  return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement, index)));
}

class SqliteAnswer final : public Answer {
 public:
  SqliteAnswer(Statement statement, std::string path) : statement_(std::move(statement)), path_(std::move(path)) {
    for (int i = 0; i < sqlite3_column_count(statement_.get()); ++i) {
      const char* name = sqlite3_column_name(statement_.get(), i);
      columns_.emplace_back(name == nullptr ? "" : name);
    }
  }
  [[nodiscard]] const std::vector<std::string>& columns() const override { return columns_; }
  Result<bool> next(std::vector<Value>& row) override {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_DONE) return false;
    sqlite3* const connection = sqlite3_db_handle(statement_.get());
    if (is_fault_of_sql(result)) return fail(Errc::usage, fmt::format("SQL: {}", sqlite3_errmsg(connection)));
    if (result != SQLITE_ROW) return tl::unexpected(sqlite_failure(connection, path_));
    row.clear();
    for (int i = 0; i < static_cast<int>(columns_.size()); ++i) row.push_back(value_at(statement_.get(), i));
    return true;
  }

 private:
  Statement statement_;
  std::string path_;
  std::vector<std::string> columns_{};
};

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}

  Result<void> open() {
    QUELL_TRY(connection_, open_connection(path_, SQLITE_OPEN_READONLY));
    QUELL_TRY(const bool made, holds_scan_database(connection_.get(), path_));
    if (!made) return fail(Errc::unsupported, fmt::format("{}: nothing was merged into it yet", path_));
    QUELL_CHECK(execute(connection_.get(), path_, "PRAGMA query_only = ON"));
    QUELL_CHECK(execute(connection_.get(), path_, "PRAGMA temp_store = MEMORY"));
    sqlite3_limit(connection_.get(), SQLITE_LIMIT_SQL_LENGTH, longest_sql);
    sqlite3_limit(connection_.get(), SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_set_authorizer(connection_.get(), &allow_reading, &denied_);
    return {};
  }

  Result<std::unique_ptr<Answer>> ask(const std::string& sql) override {
    if (sql.size() >= longest_sql) return fail(Errc::usage, "the SQL is too long");
    sqlite3_stmt* prepared = nullptr;
    const char* rest = nullptr;
    denied_ = false;
    const int result =
        sqlite3_prepare_v2(connection_.get(), sql.c_str(), static_cast<int>(sql.size() + 1), &prepared, &rest);
    Statement statement(prepared);
    if (result != SQLITE_OK && denied_) return fail(Errc::refused, "the statement would do more than read");
    if (result != SQLITE_OK) return fail(Errc::usage, fmt::format("SQL: {}", sqlite3_errmsg(connection_.get())));
    if (statement == nullptr) return fail(Errc::usage, "SQL: there is no statement in it");
    if (sqlite3_stmt_readonly(statement.get()) == 0 || sqlite3_column_count(statement.get()) == 0) {
      return fail(Errc::refused, "the statement would do more than read");
    }
    if (std::string_view(rest).find_first_not_of(" \t\r\n;") != std::string_view::npos) {
      return fail(Errc::usage, "SQL: one statement at a time");
    }
    return std::make_unique<SqliteAnswer>(std::move(statement), path_);
  }

 private:
  std::string path_;
  bool denied_ = false;
  Connection connection_{};
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite_database(const std::string& path) {
  auto database = std::make_unique<SqliteDatabase>(path);
  QUELL_CHECK(database->open());
  return database;
}

}  // namespace quell::store
