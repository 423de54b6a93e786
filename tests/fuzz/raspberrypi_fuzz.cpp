// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over an EEPROM image or a boot file of a Raspberry Pi.
#include "engine_fuzz.h"

namespace quell {
const Engine& raspberry_pi_engine();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return quell::fuzz::run_engine(quell::raspberry_pi_engine(), "bootcode.bin", data, size);
}
