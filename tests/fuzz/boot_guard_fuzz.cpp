// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a BIOS image, an ACM or a Boot Guard manifest.
#include "engine_fuzz.h"

namespace quell {
const Engine& intel_boot_guard_engine();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return quell::fuzz::run_engine(quell::intel_boot_guard_engine(), "fuzz", data, size);
}
