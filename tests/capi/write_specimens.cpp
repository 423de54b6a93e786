// SPDX-License-Identifier: GPL-2.0-or-later
// write_specimens FOLDER: every synthetic image of the project as a file there.
#include <cstdio>
#include <filesystem>

#include "base/atomic_file.h"
#include "support/specimens.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const auto& [name, content] : quell::test::specimens()) {
    const auto written = quell::write_file(folder / name, content);
    if (!written) {
      std::fprintf(stderr, "%s\n", written.error().message.c_str());
      return 1;
    }
  }
  return 0;
}
