// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace quell {

// A table of facts from data/: RFC 4180 (quoted fields, doubled quotes), the first line names the columns.
// The program's own tables are trusted; a missing column reads as empty.
class Table {
 public:
  class Row {
   public:
    // Valid as long as the table.
    [[nodiscard]] std::string_view operator[](std::string_view column) const;

   private:
    friend class Table;
    Row(const Table& table, std::size_t first) : table_(&table), first_(first) {}
    const Table* table_;
    std::size_t first_;
  };

  // Fields are views into `csv`, which must outlive the table.
  explicit Table(std::string_view csv);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return columns_.empty() ? 0 : fields_.size() / columns_.size(); }
  [[nodiscard]] Row row(std::size_t index) const { return {*this, index * columns_.size()}; }

 private:
  std::vector<std::string_view> columns_;
  std::vector<std::string_view> fields_;  // row after row, each with as many fields as there are columns
  std::deque<std::string> unescaped_;     // fields with doubled quotes
};

}  // namespace quell
