// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/markdown.h"

#include <fmt/format.h>

#include "report/text.h"

namespace quell::report {
namespace {

std::string table_line(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += fmt::format(" {} |", cell);
  return out + "\n";
}

}  // namespace

std::string markdown(std::string_view text) {
  constexpr std::string_view special = "\\*_[]<>|&";
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  std::string out;
  bool code = false;  // between backticks everything stands for itself
  for (const char c : printable(line)) {
    if (c == '`') code = !code;
    if (special.find(c) != std::string_view::npos && (!code || c == '|')) out += '\\';
    out += c;
  }
  return code ? out + "`" : out;
}

std::string markdown_heading(unsigned level, std::string_view title) {
  return fmt::format("\n{} {}\n\n", std::string(level, '#'), markdown(title));
}

std::string markdown_table(const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return {};
  std::string out = table_line(rows.front());
  out += "|";
  for (std::size_t i = 0; i < rows.front().size(); ++i) out += "---|";
  out += "\n";
  for (std::size_t i = 1; i < rows.size(); ++i) out += table_line(rows[i]);
  return out;
}

}  // namespace quell::report
