// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a BIOS image: volumes, files, sections, and all that is packed in
// them.
#include "fuzz/show.h"
#include "uefi/describe.h"
#include "uefi/look.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  Image image("fuzz", file);
  image.what.body = file.range();
  const uefi::Look look = uefi::look(image, {.unpack = true});
  std::vector<Component> trees{uefi::summarise(look).tree};
  for (const uefi::Volume& volume : look.firmware.volumes) {
    if (!file.range().contains(volume.place.image)) __builtin_trap();
    for (Component& one : uefi::describe_files(volume)) trees.push_back(std::move(one));
  }
  fuzz::show(file, std::move(trees), look.firmware.findings);
  return 0;
}
