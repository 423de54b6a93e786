// SPDX-License-Identifier: GPL-2.0-or-later
// Differences as tables, for the reports that tell of them.
#pragma once

#include <vector>

#include "model/document.h"
#include "quell/survey/compare.h"

namespace quell::report {

// What people see of a part: what happened to it, or how much differs and where.
enum class Places { summed, counted };
doc::Table parts_table(const std::vector<PartDifference>& parts, Places places);

// The name of a component among all trees (survey/trees.h) for programs; nothing where there is none.
doc::Cell anchor_cell(const std::string& anchor);

// The words of the flash descriptor that differ.
doc::Table words_table(const std::vector<flash::WordDifference>& words);

}  // namespace quell::report
