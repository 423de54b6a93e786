// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a BIOS image or an authenticated code module.
#include "fuzz/show.h"
#include "intel/acm.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  static_cast<void>(intel::looks_like_acm(file));
  const auto acm = intel::parse_acm(file);
  if (!acm) return 0;
  if (!file.range().contains(acm->range)) __builtin_trap();
  fuzz::show(file, {intel::describe(*acm)}, intel::audit(*acm));
  return 0;
}
