// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of a flash descriptor. Every function adds edits to a plan and writes nothing. Only the named words change;
// nothing is rebuilt from decoded fields. A further descriptor copy (Meteor Lake) follows where it held the same word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flash/descriptor_details.h"
#include "quell/plan.h"

namespace quell::flash {

struct EditRules {
  DescriptorVersion version = DescriptorVersion::v2;
  bool extended_access = false;  // FLMSTR bits 7:0 are permissions too
  LockProfile lock = LockProfile::client;
  bool zero_word_is_region = false;     // ifdtool's reading of a region word of 0; otherwise it is unused
  std::vector<std::uint64_t> copies{};  // further copies of the descriptor that are to follow
};

// The rules for this descriptor. Errc::damaged when v1 and v2 cannot be told apart.
Result<EditRules> edit_rules(const FlashDescriptor& descriptor, ByteView image);

// Whether the descriptor may be edited at all: sections inside it, layout decided, no overlapping regions (unless
// accepted: Errc::refused), ME region inside the file (unless the file is the descriptor alone).
Result<void> require_editable(const FlashDescriptor& descriptor, ByteView image, Overrides accepted);

// Permissions (master section). `unlock`: everyone may do everything. `lock`: each master its own, the host the BIOS.
// `lock_out`: the ME may touch nothing but itself (and, in v2, read the descriptor). `let_host_read_me`: one bit.
Result<void> plan_unlock(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules);
Result<void> plan_lock(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules);
Result<void> plan_lock_out(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules);
Result<void> plan_let_host_read_me(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules);

// Component section. The density code of a size in bytes (0: no chip); nothing when the field cannot hold it.
std::optional<unsigned> density_code(std::uint64_t size, DescriptorVersion version);
// chip: 1, 2, or 0 for both.
Result<void> plan_density(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                          unsigned chip, unsigned code);
// One code for fast read, write and read-ID (FLCOMP 29:21).
Result<void> plan_clock(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules, unsigned code);
// Dual output fast read (FLCOMP 30).
Result<void> plan_dual_output(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules, bool on);

// PCH strap by its index. Errc::usage beyond the strap section.
Result<void> plan_strap(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                        std::uint64_t index, std::uint32_t value);
// The word of a region; an empty range makes it unused. Content is not moved. Errc::usage when not made of whole
// 4 KiB blocks or beyond what the word can say.
Result<void> plan_region(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                         unsigned index, Range range);

// New content of a region. What is shorter goes to the start, in the BIOS region to the end, where the part before is
// filled with 0xFF. Errc::usage when it is larger than the region, Errc::damaged when the file does not hold the
// region.
Result<void> plan_inject(PlanBuilder& builder, const FlashDescriptor& descriptor, ByteView image, unsigned index,
                         Bytes content);

// The slot with this name: short ("me"), title ("Intel ME"), number, or flashrom's ("reg5"); case does not matter.
const DescriptorRegion* find_region(const FlashDescriptor& descriptor, std::string_view name);

// The result of the plan, proved: nothing but the plan changed, the descriptor still reads, and the audit finds no
// error that the input did not have.
Result<Buffer> apply_descriptor_plan(const Plan& plan, const Image& image);

}  // namespace quell::flash
