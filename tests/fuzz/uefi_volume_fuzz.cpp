// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a BIOS image: the headers of UEFI firmware volumes.
#include "flash/uefi_volume.h"
#include "fuzz/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  const Image image("fuzz", file);
  const flash::VolumeSearch search = flash::find_volumes(file, image.landmarks());
  std::vector<Component> trees;
  for (const flash::FirmwareVolume& volume : search.volumes) {
    if (!file.range().contains(volume.range)) __builtin_trap();
    trees.push_back(flash::describe(volume));
  }
  fuzz::show(file, std::move(trees), search.problems);
  return 0;
}
