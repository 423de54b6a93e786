// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/csv.h"

namespace quell {
namespace {

// Takes one record off the front of `text`.
std::vector<std::string> take_record(std::string_view& text) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (quoted) {
      if (c != '"') {
        fields.back().push_back(c);
      } else if (text.starts_with('"')) {
        fields.back().push_back('"');
        text.remove_prefix(1);
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      break;
    } else if (c != '\r') {
      fields.back().push_back(c);
    }
  }
  return fields;
}

}  // namespace

Table::Table(std::string_view csv) {
  const auto header = take_record(csv);
  for (std::size_t i = 0; i < header.size(); ++i) columns_.emplace(header[i], i);
  while (!csv.empty()) {
    auto record = take_record(csv);
    const bool blank = record.size() == 1 && record.front().empty();
    if (!blank) rows_.push_back(std::move(record));
  }
}

std::string_view Table::Row::operator[](std::string_view column) const {
  const auto found = table_->columns_.find(column);
  if (found == table_->columns_.end() || found->second >= fields_->size()) return {};
  return (*fields_)[found->second];
}

}  // namespace quell
