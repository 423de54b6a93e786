// SPDX-License-Identifier: GPL-2.0-or-later
// How differences look. For the files of report/ only.
#pragma once

#include "quell/survey/compare.h"
#include "report/json_values.h"

namespace quell::report {

Json json_of(const std::vector<PartDifference>& parts);

// What one image says, as people read it; "-" where it says nothing.
std::string side_text(const std::optional<Attribute>& said);

}  // namespace quell::report
