// SPDX-License-Identifier: GPL-2.0-or-later
// What the smallest useful program of C++ looks like: the engines of an image, and how many bytes cleaning would
// change.
#include <quell/intel/clean.h>
#include <quell/mapped_file.h>
#include <quell/survey/report.h>

#include <iostream>

int main(int argc, char** argv) {
  const auto file = argc == 2 ? quell::MappedFile::open(argv[1]) : quell::fail(quell::Errc::usage, "name an image");
  if (!file) return std::cerr << file.error().message << '\n', 2;
  quell::Image image(argv[1], file->view());
  const auto report = quell::examine(image, quell::Depth::structure);
  if (!report) return std::cerr << report.error().message << '\n', 3;
  for (const auto& engine : report->engines) std::cout << engine.engine << ": " << engine.title << '\n';
  const auto cleaning = quell::intel::plan_default(quell::Examined(image));
  std::uint64_t changed = 0;
  if (cleaning) {
    for (const auto& edit : cleaning->plan.edits) changed += quell::changed_bytes(edit, image.bytes());
  }
  std::cout << changed << " bytes would change\n";
}
