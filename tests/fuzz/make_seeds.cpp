// SPDX-License-Identifier: GPL-2.0-or-later
// make_seeds FOLDER: writes the specimens there, one file each, as seeds for the fuzz targets.
#include <cstdio>
#include <filesystem>
#include <string>

#include "quell/atomic_file.h"
#include "quell/specimen/intel.h"

namespace {

bool write(const std::filesystem::path& folder, const std::string& name, quell::Bytes bytes) {
  const auto written = quell::write_file(folder / name, bytes);
  if (!written) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written.has_value();
}

}  // namespace

int main(int argc, char** argv) {
  namespace specimen = quell::specimen;
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 2) {
    std::fputs("usage: make_seeds FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  bool good = true;
  for (const specimen::IntelFlavour flavour : specimen::intel_flavours()) {
    const std::string name(to_string(flavour));
    good = write(folder, name + "-dump.bin", specimen::intel_small_dump(flavour)) && good;
    good = write(folder, name + "-region.bin", specimen::intel_small_me_region(flavour)) && good;
    good = write(folder, name + "-update.bin", specimen::intel_update_image(flavour, {.code_size = 0x400})) && good;
  }
  return good ? 0 : 5;
}
