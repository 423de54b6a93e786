// SPDX-License-Identifier: GPL-2.0-or-later
// The sound images that the campaign damages.
#pragma once

#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/range.h"
#include "specimen/intel.h"

namespace quell::campaign {

struct Base {
  std::string name{};
  Buffer bytes{};
  std::vector<Range> structures{};  // where headers and tables are: the places worth damaging
};

// Finds the windows around every structure that starts with a known tag, and the descriptor.
std::vector<Range> structures_in(ByteView image);

// Every specimen, and, where `shared` holds them, real firmware and whole dumps put together from it.
std::vector<Base> all_bases(const std::string& shared);

// The small dump and the small region of one flavour.
Base small_dump(specimen::IntelFlavour flavour);
Base small_region(specimen::IntelFlavour flavour);

}  // namespace quell::campaign
