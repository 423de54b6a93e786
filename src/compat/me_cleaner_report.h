// SPDX-License-Identifier: GPL-2.0-or-later
// What `quell me_cleaner` prints: the facts that its users know from that tool, in this program's words.
#pragma once

#include <optional>
#include <string>

#include "intel/me_region.h"
#include "quell/flash/descriptor.h"
#include "quell/intel/clean.h"

namespace quell::compat {

// The firmware in a file, as this front end looks at it.
struct Firmware {
  bool dump = false;
  std::optional<flash::FlashDescriptor> descriptor{};
  std::optional<intel::MeRegion> me{};
};
// Errc::unrecognised for a file that is neither a dump nor an ME region.
Result<Firmware> look(ByteView image);

// Before anything is done: borders, partition table, code partition, version, signer, disable bit.
std::string found_text(const Firmware& firmware, ByteView image);

// What was done with each partition and module, the words of the descriptor that changed, the smallest size and the
// layout line for it.
std::string result_text(const Firmware& before, ByteView image, ByteView cleaned, const intel::CleanPlan& plan,
                        const intel::CleanOptions& options);

}  // namespace quell::compat
