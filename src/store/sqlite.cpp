// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/sqlite.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>

namespace quell::store {
namespace {

constexpr int patience = 10'000;  // milliseconds to wait for another program that writes

// The kind of failure, and what to say of it instead of SQLite's own words.
struct Meaning {
  Errc code;
  std::string_view words;  // empty: SQLite's
};

Meaning meaning_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL: return {Errc::io, "the disk is full"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {Errc::io, "another program is writing to it; try again when it is done"};
    case SQLITE_NOTADB: return {Errc::unrecognised, "is no SQLite database"};
    case SQLITE_CORRUPT: return {Errc::damaged, "the database is damaged"};
    case SQLITE_READONLY:
    case SQLITE_PERM: return {Errc::io, "the file or its folder cannot be written"};
    case SQLITE_CANTOPEN: return {Errc::io, "cannot be opened (the folder must be writable for a merge)"};
    case SQLITE_ERROR: return {Errc::damaged, {}};
    default: return {Errc::io, {}};
  }
}

}  // namespace

Error sqlite_failure(sqlite3* connection, const std::string& path) {
  const Meaning meaning = meaning_of(sqlite3_extended_errcode(connection));
  const int system = sqlite3_system_errno(connection);
  std::string message = fmt::format("{}: {}", path, meaning.words.empty() ? sqlite3_errmsg(connection) : meaning.words);
  if (meaning.code == Errc::io && system != 0) message += fmt::format(": {}", std::strerror(system));
  return {meaning.code, std::move(message), std::nullopt};
}

Result<Connection> open_connection(const std::string& path, int flags) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return fail(Errc::io, fmt::format("{}: {}", path, std::strerror(errno)));
  if (!S_ISREG(status.st_mode)) return fail(Errc::usage, fmt::format("{}: is no file", path));
  sqlite3* opened = nullptr;
  // A name that begins with "file:" is a name and no URI.
  const std::string name = path.starts_with('/') ? path : "./" + path;
  const int result =
      sqlite3_open_v2(name.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Connection connection(opened);
  if (opened == nullptr) return fail(Errc::io, fmt::format("{}: out of memory", path));
  if (result != SQLITE_OK) return tl::unexpected(sqlite_failure(opened, path));
  sqlite3_busy_timeout(opened, patience);
  // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): SQLite's interface
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  // NOLINTEND(cppcoreguidelines-pro-type-vararg)
  QUELL_CHECK(execute(opened, path, "PRAGMA cell_size_check = ON"));
  return connection;
}

Result<Statement> prepare(sqlite3* connection, const std::string& path, const std::string& sql) {
  sqlite3_stmt* prepared = nullptr;
  const int result = sqlite3_prepare_v2(connection, sql.c_str(), static_cast<int>(sql.size() + 1), &prepared, nullptr);
  Statement statement(prepared);
  if (result != SQLITE_OK) return tl::unexpected(sqlite_failure(connection, path));
  return statement;
}

Result<void> execute(sqlite3* connection, const std::string& path, const std::string& sql) {
  if (sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return tl::unexpected(sqlite_failure(connection, path));
  }
  return {};
}

Result<std::int64_t> ask_number(sqlite3* connection, const std::string& path, const std::string& sql) {
  QUELL_TRY(const Statement statement, prepare(connection, path, sql));
  const int result = sqlite3_step(statement.get());
  if (result == SQLITE_ROW) return sqlite3_column_int64(statement.get(), 0);
  if (result == SQLITE_DONE) return 0;
  return tl::unexpected(sqlite_failure(connection, path));
}

Result<bool> holds_scan_database(sqlite3* connection, const std::string& path) {
  QUELL_TRY(const std::int64_t objects, ask_number(connection, path, "SELECT COUNT(*) FROM sqlite_master"));
  QUELL_TRY(const std::int64_t application, ask_number(connection, path, "PRAGMA application_id"));
  QUELL_TRY(const std::int64_t version, ask_number(connection, path, "PRAGMA user_version"));
  if (objects == 0 && application == 0 && version == 0) return false;
  if (application != application_id) {
    return fail(Errc::unsupported, fmt::format("{}: is a SQLite database, but not one of merged scans", path));
  }
  if (version != schema_version) {
    return fail(Errc::unsupported,
                fmt::format("{}: its tables are of version {}, this program has version {}: merge the records of the "
                            "scans again into a new database",
                            path, version, schema_version));
  }
  return true;
}

}  // namespace quell::store
