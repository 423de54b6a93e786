// SPDX-License-Identifier: GPL-2.0-or-later
// Checks the tables of data/ against their schemas; data/README.md says what a schema holds.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace quell::tables {

// Texts of .csv files by their names without the ending.
using Files = std::map<std::string, std::string, std::less<>>;

// What is wrong with the tables or the schemas, one line each, with the file and the line: nothing is ever repaired.
std::vector<std::string> check(const Files& tables, const Files& schemas);

}  // namespace quell::tables
