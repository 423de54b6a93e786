// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a coreboot image: the flash map, file systems, the build's settings.
#include "flash/coreboot.h"
#include "fuzz/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  const Image image("fuzz", file);
  const flash::Coreboot coreboot = flash::read_coreboot(file, image.landmarks());
  fuzz::show(file, flash::describe(coreboot, file), flash::audit(coreboot));
  for (const flash::Cbfs& system : coreboot.file_systems) {
    for (const flash::CbfsFile& entry : system.files) {
      if (!file.range().contains(entry.content)) __builtin_trap();
    }
  }
  return 0;
}
