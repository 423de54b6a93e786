// SPDX-License-Identifier: GPL-2.0-or-later
// The flash descriptor: parser, tree and audit. Fed by the first page of any dump.
#include <cstdint>
#include <span>

#include "quell/flash/descriptor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const ByteView image(std::as_bytes(std::span(data, size)));
  const auto descriptor = flash::parse_descriptor(image);
  if (!descriptor) return 0;
  static_cast<void>(flash::describe(*descriptor, image));
  static_cast<void>(flash::audit(*descriptor, image));
  return 0;
}
