// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quell {

// A text of comma-separated values after RFC 4180 (quoted fields, doubled quotes), whose first line names the columns.
// Says nothing of what a cell means: the tables of data/ are read through base/table.h.
class Csv {
 public:
  // Cells are views into `text`, which must outlive this.
  explicit Csv(std::string_view text);
  Csv(const Csv&) = delete;
  Csv& operator=(const Csv&) = delete;

  [[nodiscard]] const std::vector<std::string_view>& columns() const noexcept { return columns_; }
  // The place of a column; nothing when there is none of that name.
  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const noexcept;

  // The number of rows; empty lines are none.
  [[nodiscard]] std::size_t size() const noexcept { return columns_.empty() ? 0 : cells_.size() / columns_.size(); }
  // Both must exist; valid as long as this.
  [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const {
    return cells_.at(row * columns_.size() + column);
  }
  // Rows that had more or fewer cells than there are columns. Cells that are missing read as empty.
  [[nodiscard]] const std::vector<std::size_t>& uneven() const noexcept { return uneven_; }

 private:
  std::vector<std::string_view> columns_;
  std::vector<std::string_view> cells_;  // row after row
  std::vector<std::size_t> uneven_;
  std::deque<std::string> unescaped_;  // cells with doubled quotes
};

}  // namespace quell
