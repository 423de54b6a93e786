// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a Qualcomm signed image: ELF headers, hash segment, certificates.
#include "arm/qualcomm.h"
#include "fuzz/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  const bool likely = arm::looks_like_qualcomm(file);
  const auto image = arm::parse_qualcomm(file);
  if (likely != image.has_value()) __builtin_trap();
  if (image) fuzz::show(file, {arm::describe(*image, file)}, image->problems);
  return 0;
}
