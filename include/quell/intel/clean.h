// SPDX-License-Identifier: GPL-2.0-or-later
// Neutralising an ME, TXE or SPS of generations 1 to 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quell/finding.h"
#include "quell/image.h"
#include "quell/intel/disable_bit.h"
#include "quell/plan.h"
#include "quell/result.h"

namespace quell::intel {

struct CleanOptions {
  bool strip = true;                // remove partitions and modules
  bool soft_disable = false;        // set the disable strap
  bool relocate = false;            // move FTPR to the lowest possible offset
  bool truncate = false;            // cut to the smallest working size
  bool keep_modules = false;        // remove partitions only
  std::vector<std::string> keep{};  // partitions to keep besides FTPR
  std::vector<std::string> drop{};  // partitions to remove, keeping all others; wins over `keep`
  bool accept_me12_strip = false;   // strip ME 12 and later although no machine is known to start afterwards
  bool accept_boot_guard = false;   // strip although Boot Guard was seen or cannot be ruled out (ME 9 and later)
  bool accept_overlaps = false;     // edit although regions of the descriptor overlap
  bool reference_place = false;     // the disable bit of ME 2 to 11 where me_cleaner puts it, whatever the platform
  DisableOptions disable{};         // what lifts a refusal to set the bit; `on` is ignored
  bool lock_out = false;  // let the ME access nothing but its own region (and, on generation 3, the descriptor)
};

// What cleaning would do.
struct CleanPlan {
  Plan plan;
  // Smallest size of the ME region that still works, in bytes; nothing where that is not defined (generation 1, an
  // erased Ignition region, -s). Can exceed the region.
  std::optional<std::uint64_t> minimum_size{};
  Range me{};                      // the ME region, in the image; empty when not in use
  Range me_output{};               // its part that an extracted ME file holds
  Range descriptor{};              // the descriptor region, in the image; empty for a bare ME region
  std::vector<Edit> borders{};     // edits for an extracted descriptor alone: region borders after truncation
  std::vector<Finding> notices{};  // what the user should know: no effect of -t, an unknown partition name, ...
  bool signature_checked = false;  // whether the result's manifest can and must be checked
  bool has_me_output = false;      // whether there is an ME region left to extract (not on generation 1)
};

// Plans the cleaning of a full dump or a bare ME region. Nothing is written. Errors: Errc::unrecognised for other
// files, Errc::damaged for malformed structures and invalid signatures, Errc::unsupported where this image has nothing
// to clean (region not in use), Errc::usage for options that do not go together.
Result<CleanPlan> plan_clean(const Image& image, const CleanOptions& options);

// Applies the plan and proves the result: nothing outside the plan changed, the manifest's signature still holds, the
// partition table's checksum is right.
Result<Buffer> apply_clean(const CleanPlan& plan, const Image& image);

// From the result of apply_clean: the descriptor with moved borders, and the ME region with what was cut.
Result<Buffer> extracted_descriptor(const CleanPlan& plan, ByteView cleaned);
Result<Buffer> extracted_me(const CleanPlan& plan, ByteView cleaned);

}  // namespace quell::intel
