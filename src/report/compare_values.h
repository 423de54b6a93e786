// SPDX-License-Identifier: GPL-2.0-or-later
// How differences look in JSON. For the files of report/ only.
#pragma once

#include "quell/survey/compare.h"
#include "report/json_values.h"

namespace quell::report {

Json json_of(const std::vector<PartDifference>& parts);

}  // namespace quell::report
