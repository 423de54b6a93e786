// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a U-Boot FIT image (.itb) or a device tree.
#include "flash/uboot_fit.h"
#include "fuzz/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  const auto fit = flash::parse_uboot_fit(file);
  if (!fit) return 0;
  fuzz::show(file, {flash::describe(*fit)}, fit->problems);
  for (const flash::FitImageNode& node : fit->images) {
    if (!file.range().contains(node.content.range())) __builtin_trap();
  }
  static_cast<void>(fit->monitors());
  static_cast<void>(fit->trusted_os());
  static_cast<void>(fit->signed_configuration());
  return 0;
}
