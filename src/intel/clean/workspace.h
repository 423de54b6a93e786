// SPDX-License-Identifier: GPL-2.0-or-later
// What the steps of one cleaning share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intel/disable_bit.h"
#include "intel/me_region.h"
#include "quell/flash/descriptor.h"
#include "quell/intel/clean.h"
#include "quell/plan.h"

namespace quell::intel {

struct Workspace {
  const CleanOptions& options;
  const Examined& examined;
  ByteView image;
  PlanBuilder builder;
  std::optional<flash::FlashDescriptor> descriptor{};  // full dumps
  Range me_range{};                                    // in the image; empty when the region is not in use
  std::optional<MeRegion> me{};
  std::vector<Finding> notices{};
  std::vector<Finding> costs{};

  // All in ME offsets. `essential_end` (E) is where the code that must stay ends, `kept_end` (X) the same for
  // partitions kept by request, `code_offset` (P) where FTPR is after the steps so far.
  std::uint64_t essential_end = 0;
  std::uint64_t kept_end = 0;
  std::uint64_t code_offset = 0;
  bool disables = false;          // the result has the disable bit set
  bool modules_unusable = false;  // the module table is of an unknown kind: modules stay, no minimum size

  [[nodiscard]] std::uint64_t me_size() const noexcept { return me_range.size; }
  [[nodiscard]] const Image& source() const noexcept { return examined.image(); }
  // Whether the file is the firmware, so that what was examined counts from its start.
  [[nodiscard]] bool is_body() const noexcept { return source().what.body == image.range(); }
  // The places of the disable bit, from what was examined.
  [[nodiscard]] DisableBits disable_bits() const;
  // Fills a range of the ME region with 0xFF, clipped at the region's end.
  Result<void> erase(Range me_offsets, std::string reason);
  Result<void> set_u32(std::uint64_t me_offset, std::uint32_t value, std::string reason);
  // The region's bytes as planned so far.
  [[nodiscard]] Result<Buffer> read(Range me_offsets) const;
  void notice(std::string id, Question question, std::string title, std::string detail = {});
};

// Steps, in the order in which they must run. Each reads what the earlier ones planned.
Result<void> remove_partitions(Workspace& work);  // entries' data, then the table
Result<void> remove_gen2_modules(Workspace& work);
Result<void> remove_gen3_modules(Workspace& work);
Result<void> relocate_code_partition(Workspace& work);
Result<void> clean_generation_1_dump(Workspace& work);  // straps, region word, the region itself
Result<void> set_disable_strap(Workspace& work);        // where me_cleaner puts it, or by the platform
// The disable bit by the platform's rule, and nothing else. Errc::refused where the rule says no.
Result<void> set_platform_bit(Workspace& work);
Result<void> lock_out_me(Workspace& work);

// The smallest size at which a region of generation 2 or 3 still works once stripped.
Result<std::uint64_t> minimum_region_size(const MeRegion& me);

// Errc::damaged when editing this descriptor would be guessing: sections that fit no known layout, an ME region that
// the file does not hold; Errc::refused for regions that overlap, unless the options accept that (then a notice).
Result<void> require_editable(Workspace& work);

// Region border edits for an extracted descriptor: BIOS starts where the shrunken ME region ends. Nothing when BIOS
// does not follow the ME region directly (with a notice) or the region is not in use.
Result<std::vector<Edit>> moved_borders(Workspace& work, std::uint64_t me_size);

}  // namespace quell::intel
