// SPDX-License-Identifier: GPL-2.0-or-later
// A database that records are merged into.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "quell/result.h"
#include "store/schema.h"

namespace quell::store {

struct Counts {
  std::uint64_t images_new = 0;
  std::uint64_t images_replaced = 0;  // a result took the place of a failure of the same run
  std::uint64_t files_new = 0;
};

// One merge, one transaction: destroyed before commit(), it leaves the database as it was, and a database that it made
// is not there.
class Store {
 public:
  virtual ~Store() = default;
  // The database, as messages call it.
  [[nodiscard]] virtual const std::string& name() const = 0;
  virtual Result<void> add(const Record& record) = 0;
  // Everything is on the disk, or nothing.
  virtual Result<Counts> commit() = 0;
};

// The file, made where it is not there yet. Errc::unrecognised for a file that is no SQLite database, Errc::unsupported
// for one that holds something else or tables of another version.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path);
// Tables live in the database's schema "quell", made where it is not there yet. Errc::usage for a URI that libpq does
// not understand, Errc::io where no server answers.
Result<std::unique_ptr<Store>> open_postgres_store(const std::string& uri);

}  // namespace quell::store
