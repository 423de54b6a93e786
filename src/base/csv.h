// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
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
    [[nodiscard]] std::string_view operator[](std::string_view column) const;

   private:
    friend class Table;
    Row(const Table& table, const std::vector<std::string>& fields) : table_(&table), fields_(&fields) {}
    const Table* table_;
    const std::vector<std::string>* fields_;
  };

  explicit Table(std::string_view csv);

  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
  [[nodiscard]] Row row(std::size_t index) const { return {*this, rows_.at(index)}; }

 private:
  std::map<std::string, std::size_t, std::less<>> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace quell
