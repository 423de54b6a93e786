// SPDX-License-Identifier: GPL-2.0-or-later
// What kind of file is this? Fed by whatever a user mistakes for a dump.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "quell/survey/recognise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  Image image("fuzz.rom", ByteView(std::as_bytes(std::span(data, size))));
  recognise(image);
  if (image.what.title.empty()) std::abort();
  if (!image.bytes().range().contains(image.what.body)) std::abort();
  return 0;
}
