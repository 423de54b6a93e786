// SPDX-License-Identifier: GPL-2.0-or-later
// Neutralising an ME, TXE or SPS of generations 1 to 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/examined.h"
#include "quell/finding.h"
#include "quell/image.h"
#include "quell/plan.h"
#include "quell/result.h"

namespace quell::intel {

// A place for the disable bit, given by the user: offset of the word from FPSBA, and bit.
struct UserLocation {
  std::uint64_t offset = 0;
  unsigned bit = 16;
};
// Reads "0x70" or "0x70:16".
Result<UserLocation> parse_location(std::string_view text);

struct CleanOptions {
  bool strip = true;                // remove partitions and modules
  bool soft_disable = false;        // set the disable strap
  bool relocate = false;            // move FTPR to the lowest possible offset
  bool truncate = false;            // cut to the smallest working size
  bool keep_modules = false;        // remove partitions only
  std::vector<std::string> keep{};  // partitions to keep besides FTPR
  std::vector<std::string> drop{};  // partitions to remove, keeping all others; wins over `keep`
  bool lock_out = false;  // let the ME access nothing but its own region (and, on generation 3, the descriptor)
  // As me_cleaner does where this library knows better: the disable bit of ME 2 to 11 at its place, whatever the
  // platform, and TXE 3 and 4 stripped like ME 11.
  bool like_me_cleaner = false;
  std::optional<UserLocation> at{};  // the disable bit here instead of the platform's place
  // boot_guard, me12_strip, overlaps; for the disable bit reported_place, descriptor_alone and verified_descriptor.
  // Override::place is said by `at`.
  Overrides accepted{};
};

// What plan_default would have done too, and the refusal that kept it out.
struct LeftOut {
  enum class Part { disable_bit, removal };
  Part part = Part::removal;
  Error why{};
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
  std::vector<Finding> costs{};    // what stops working: the firmware's TPM, standby, ...
  bool signature_checked = false;  // whether the result's manifest can and must be checked
  bool tpm_at_stake = false;       // the machine's TPM can be the engine's, and would be lost
  bool disables = false;           // the result has the disable bit set
  bool has_me_output = false;      // whether there is an ME region left to extract (not on generation 1)
  std::optional<LeftOut> left_out{};
};

// Plans the cleaning of a full dump or a bare ME region. Nothing is written. Errors: Errc::unrecognised for other
// files, Errc::damaged for malformed structures and invalid signatures, Errc::unsupported where this image has nothing
// to clean (region not in use), Errc::usage for options that do not go together.
Result<CleanPlan> plan_clean(const Examined& examined, const CleanOptions& options);
// The same for an image that nobody else looks into.
Result<CleanPlan> plan_clean(const Image& image, const CleanOptions& options);

// What cleaning does when nobody says what: the disable bit (full dumps) and removal, or the one of both that is not
// refused; then `left_out` says why. `strip` and `soft_disable` of the options are ignored; moving and cutting go with
// removal. Errors as those of plan_clean: the refusal of both when neither is possible.
Result<CleanPlan> plan_default(const Examined& examined, CleanOptions options = {});

// That as a notice on the plan.
Finding notice_of(const LeftOut& left_out);

// Applies the plan and proves the result: nothing outside the plan changed, the manifest's signature still holds, the
// partition table's checksum is right.
Result<Buffer> apply_clean(const CleanPlan& plan, const Image& image);

// From the result of apply_clean: the descriptor with moved borders, and the ME region with what was cut.
Result<Buffer> extracted_descriptor(const CleanPlan& plan, ByteView cleaned);
Result<Buffer> extracted_me(const CleanPlan& plan, ByteView cleaned);

}  // namespace quell::intel
