// SPDX-License-Identifier: GPL-2.0-or-later
// Questions to a scan database, which can change nothing in it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quell/result.h"
#include "store/schema.h"

namespace quell::store {

// A question that has a name.
struct Question {
  std::string_view name;
  std::string_view title;
  std::string_view sql;  // the same for every database
};
std::span<const Question> questions() noexcept;
const Question* find_question(std::string_view name) noexcept;

// The rows that a question has for an answer, read one after the other.
class Answer {
 public:
  virtual ~Answer() = default;
  [[nodiscard]] virtual const std::vector<std::string>& columns() const = 0;
  // Fills the cells of the next row; false after the last one.
  virtual Result<bool> next(std::vector<Value>& row) = 0;
};

class Database {
 public:
  virtual ~Database() = default;
  // One statement that reads. Errc::usage, with the database's own words, for SQL that it does not take;
  // Errc::refused for a statement that could change something. One answer at a time.
  virtual Result<std::unique_ptr<Answer>> ask(const std::string& sql) = 0;
};

Result<std::unique_ptr<Database>> open_sqlite_database(const std::string& path);
Result<std::unique_ptr<Database>> open_postgres_database(const std::string& uri);

}  // namespace quell::store
