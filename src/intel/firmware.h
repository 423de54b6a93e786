// SPDX-License-Identifier: GPL-2.0-or-later
// What an image holds of the engine, parsed once for its report, its actions and its artifacts.
#pragma once

#include <cstdint>
#include <optional>

#include "intel/boot_guard.h"
#include "intel/cse/image.h"
#include "intel/disable_bit.h"
#include "intel/me_region.h"
#include "quell/examined.h"

namespace quell::intel {

struct Firmware {
  std::optional<std::uint64_t> descriptor{};  // where the descriptor's signature stands
  ByteView region{};                          // the ME region, or the whole body without a descriptor
  ByteView boot{};                            // the BIOS region: Apollo and Gemini Lake keep everything there
  Signatures signatures{};
  Result<MeRegion> me{};  // Errc::unrecognised where the region is not of the classic kind
};

const Firmware& firmware_of(const Examined& examined);
// Converged security engines.
const std::optional<CseImage>& cse_of(const Examined& examined);
// Nothing without a descriptor.
const std::optional<DisableBits>& disable_bits_of(const Examined& examined);
// Boot Guard, with the initial boot block hashed only where it is small.
const BootGuard& boot_guard_of(const Examined& examined);

}  // namespace quell::intel
