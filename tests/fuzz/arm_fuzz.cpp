// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over ARM firmware: FIP packages, U-Boot FIT images, Qualcomm ELF files.
#include "engine_fuzz.h"

namespace quell {
const Engine& arm_engine();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return quell::fuzz::run_engine(quell::arm_engine(), "fuzz", data, size);
}
