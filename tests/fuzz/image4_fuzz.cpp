// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over an Apple firmware file: restore archives come from the network.
#include "engine_fuzz.h"

namespace quell {
const Engine& apple_engine();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return quell::fuzz::run_engine(quell::apple_engine(), "fuzz", data, size);
}
