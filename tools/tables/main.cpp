// SPDX-License-Identifier: GPL-2.0-or-later
// quell-tables FOLDER: checks the tables in FOLDER against the schemas in FOLDER/schema. The build runs it.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>

#include "tables/schema.h"

namespace {

quell::tables::Files read_folder(const std::filesystem::path& folder) {
  quell::tables::Files files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files.emplace(entry.path().stem().string(), std::string(std::istreambuf_iterator<char>(file), {}));
  }
  return files;
}

}  // namespace

int main(int count, char** texts) {
  const std::span arguments(texts, static_cast<std::size_t>(count));
  if (arguments.size() != 2) {
    std::cerr << "usage: quell-tables FOLDER\n";
    return 2;
  }
  try {
    const std::filesystem::path folder = arguments[1];
    const auto problems = quell::tables::check(read_folder(folder), read_folder(folder / "schema"));
    for (const std::string& problem : problems) std::cerr << problem << '\n';
    return problems.empty() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "quell-tables: " << error.what() << '\n';
    return 2;
  }
}
