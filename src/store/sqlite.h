// SPDX-License-Identifier: GPL-2.0-or-later
// SQLite, as far as the two sides of a scan database share it.
#pragma once

#include <memory>
#include <string>

#include <sqlite3.h>

#include "quell/result.h"
#include "store/schema.h"

namespace quell::store {

struct CloseConnection {
  void operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinishStatement>;

// What SQLite said last, and what to do about it.
Error sqlite_failure(sqlite3* connection, const std::string& path);

// A file that is there, as it is; what it holds is not trusted. `flags` as SQLite's own.
Result<Connection> open_connection(const std::string& path, int flags);
Result<Statement> prepare(sqlite3* connection, const std::string& path, const std::string& sql);
Result<void> execute(sqlite3* connection, const std::string& path, const std::string& sql);
// The number that the statement has for an answer; 0 for none.
Result<std::int64_t> ask_number(sqlite3* connection, const std::string& path, const std::string& sql);

// Whether the file holds a scan database of this version; false where it holds nothing at all. Errc::unsupported for
// anything else.
Result<bool> holds_scan_database(sqlite3* connection, const std::string& path);

}  // namespace quell::store
