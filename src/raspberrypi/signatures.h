// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "raspberrypi/eeprom.h"

namespace quell::raspberrypi {

// 256-byte modulus and 8-byte exponent, both little-endian.
inline constexpr std::uint64_t owner_key_size = 264;

// The signature blocks at the end of a second stage, innermost first.
std::vector<StageSignature> read_stage_signatures(ByteView stage, bool bcm2712);

// Compares bootconf.sig with bootconf.txt and the owner's key (empty when there is none).
ConfigSignature check_config_signature(ByteView signature, ByteView config, ByteView key);

// VERSION:, DATE:, TIME: and BUILD_TIMESTAMP= strings.
void read_build_info(BuildInfo& out, ByteView code, bool from_bootmain);

}  // namespace quell::raspberrypi
