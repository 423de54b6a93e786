// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/csv.h"

#include <algorithm>

namespace quell {
namespace {

// Takes a field in quotes off the front of `text`, whose first character is the opening quote.
std::string_view take_quoted(std::string_view& text, std::deque<std::string>& unescaped) {
  text.remove_prefix(1);
  const auto first = text.find('"');
  if (first == std::string_view::npos || !text.substr(first + 1).starts_with('"')) {
    const std::string_view field = text.substr(0, first);
    text.remove_prefix(std::min(text.size(), field.size() + 1));
    return field;
  }
  std::string& field = unescaped.emplace_back();
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('"'));
    field += part;
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (!text.starts_with('"')) break;
    field += '"';
    text.remove_prefix(1);
  }
  return field;
}

// Takes one record, with its line end, off the front of `text` and appends its fields.
void take_record(std::string_view& text, std::vector<std::string_view>& fields, std::deque<std::string>& unescaped) {
  for (bool more = true; more;) {
    const bool quoted = text.starts_with('"');
    const std::string_view field = quoted ? take_quoted(text, unescaped) : text.substr(0, text.find_first_of(",\r\n"));
    if (!quoted) text.remove_prefix(field.size());
    fields.push_back(field);
    more = text.starts_with(',');
    if (more) text.remove_prefix(1);
  }
  if (text.starts_with('\r')) text.remove_prefix(1);
  if (text.starts_with('\n')) text.remove_prefix(1);
}

}  // namespace

Csv::Csv(std::string_view text) {
  take_record(text, columns_, unescaped_);
  while (!text.empty()) {
    const std::size_t start = cells_.size();
    take_record(text, cells_, unescaped_);
    const std::size_t taken = cells_.size() - start;
    const bool blank = taken == 1 && cells_.back().empty();
    if (!blank && taken != columns_.size()) uneven_.push_back(start / columns_.size());
    cells_.resize(blank ? start : start + columns_.size());
  }
}

std::optional<std::size_t> Csv::column(std::string_view name) const noexcept {
  const auto found = std::ranges::find(columns_, name);
  return found == columns_.end() ? std::nullopt : std::optional<std::size_t>(found - columns_.begin());
}

}  // namespace quell
