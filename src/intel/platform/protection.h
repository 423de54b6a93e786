// SPDX-License-Identifier: GPL-2.0-or-later
// What may stop or undo a change of the descriptor: further copies, a verification manifest, signed-image marks, locks.
#pragma once

#include <optional>
#include <vector>

#include "intel/disable_bit.h"
#include "quell/flash/descriptor.h"

namespace quell::intel {

// Further copies of the descriptor inside the descriptor region (Meteor Lake keeps one at 0x1000).
struct DescriptorCopies {
  std::vector<std::uint64_t> same{};       // image offsets of those whose straps equal the first one's
  std::vector<std::uint64_t> different{};  // of the others
};
DescriptorCopies find_copies(const flash::FlashDescriptor& descriptor, ByteView image);

// A flash descriptor verification manifest ($MN2 at 0x800 to 0xBFF) and the ranges that its hash leaves out.
struct Verification {
  Range manifest{};
  std::vector<Range> excluded{};
  [[nodiscard]] bool covers(std::uint64_t offset) const noexcept;
};
std::optional<Verification> find_verification(ByteView image);

// Descriptor locked for the host, Lenovo's marks, what Boot Guard means for the change.
std::vector<Finding> protection_findings(const flash::FlashDescriptor& descriptor, ByteView image,
                                         const FirmwareFacts& facts);

}  // namespace quell::intel
