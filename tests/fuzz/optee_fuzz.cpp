// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed these parsers: anyone who hands over ARM firmware. The OP-TEE header, also behind a U-Boot legacy
// header, and the strings by which a monitor and a trusted OS are known.
#include "arm/secure_world.h"
#include "fuzz/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  if (const auto header = arm::read_optee(file)) fuzz::show(file, {arm::describe(*header)}, {});
  static_cast<void>(arm::read_monitor(file));
  static_cast<void>(arm::trusted_os_of(file));
  return 0;
}
