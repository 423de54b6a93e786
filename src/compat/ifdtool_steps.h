// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of `quell ifdtool`, in files of their own.
#pragma once

#include <string>

#include "compat/ifdtool_options.h"
#include "quell/flash/descriptor.h"
#include "quell/plan.h"

namespace quell::compat {

// What every step works on.
struct IfdJob {
  const IfdOptions& options;
  ByteView image{};
  flash::FlashDescriptor descriptor{};
  flash::EditRules rules{};
};

// Slots that ifdtool knows: five on v1, eight on v1.5, sixteen on v2.
unsigned slot_count(const IfdJob& job);

std::string dump_text(const IfdJob& job);
std::string ifd_layout_text(const IfdJob& job);
std::string fmap_text(const IfdJob& job);
// Compares regions with the FMAP in the image. False when one does not match; `text` says which.
bool validate_fmap(const IfdJob& job, std::string& text);
// File name of an extracted region ("flashregion_2_intel_me.bin").
std::string region_file_name(unsigned index);

// A new image by a layout file, everything outside the regions 0xFF.
Result<Buffer> rebuild_with_layout(const IfdJob& job, std::string_view layout);
// -g, -E: adds the edit. -c: `text` gets the state.
Result<void> plan_gpr0(const IfdJob& job, PlanBuilder& builder, std::string& text);
Result<void> plan_top_swap(const IfdJob& job, PlanBuilder& builder);
// -M. `note` says where quell writes another place than ifdtool does.
Result<void> plan_alt_me_disable(const IfdJob& job, PlanBuilder& builder, std::string& note);

}  // namespace quell::compat
