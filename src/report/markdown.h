// SPDX-License-Identifier: GPL-2.0-or-later
// Pieces of Markdown that any text may stand in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quell::report {

// The text without anything that Markdown or HTML takes for more than letters; a line break becomes a blank.
std::string markdown(std::string_view text);
// "## Title" with empty lines around it.
std::string markdown_heading(unsigned level, std::string_view title);
// A table; the first row is its head. The cells are Markdown already.
std::string markdown_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace quell::report
