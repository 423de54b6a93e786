// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a BIOS image, and any operating system that was installed on the
// machine: load options and device paths.
#include "fuzz/show.h"
#include "uefi/boot_entries.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView content = fuzz::view_of(data, size);
  const auto entry = uefi::read_load_option(0, content);
  if (entry && entry->path_bytes + entry->optional_bytes > size) __builtin_trap();
  return 0;
}
