// SPDX-License-Identifier: GPL-2.0-or-later
// make_seeds FOLDER: writes the specimens there, one file each, as seeds for the fuzz targets.
#include <cstdio>
#include <filesystem>
#include <string>

#include "quell/atomic_file.h"
#include "quell/specimen/amd.h"
#include "quell/specimen/intel.h"

namespace {

bool write(const std::filesystem::path& folder, const std::string& name, quell::Bytes bytes) {
  const auto written = quell::write_file(folder / name, bytes);
  if (!written) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written.has_value();
}

// As fuzz_amd takes it: how to look, then what follows the first 128 KiB, without the blank end.
quell::Buffer amd_seed(quell::specimen::AmdLayout layout) {
  const quell::Buffer image = quell::specimen::amd_image(layout, {.size = 0x80000, .code_size = 0x100});
  quell::Buffer seed(image.begin() + quell::specimen::amd_efs_offset, image.end());
  while (!seed.empty() && seed.back() == std::byte{0xFF}) seed.pop_back();
  seed.insert(seed.begin(), std::byte{1});
  return seed;
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
  for (const specimen::AmdLayout layout : specimen::amd_layouts()) {
    good = write(folder, "amd-" + std::string(to_string(layout)) + ".bin", amd_seed(layout)) && good;
  }
  return good ? 0 : 5;
}
