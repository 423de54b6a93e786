// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of compare(). Internal to compare/.
#pragma once

#include "quell/survey/compare.h"
#include "survey/compare/owners.h"

namespace quell::compare_detail {

// Differing bytes by owner, in the order of their first difference.
std::vector<PartDifference> tally_parts(const Ownership& ownership, ByteView before, ByteView after);

// Components that came, went, moved or changed their size.
std::vector<StructureDifference> compare_structures(const Report& before, const Report& after);

// Facts and states of actions that differ between engines of the same place in the report.
std::vector<FactDifference> compare_facts(const Report& before, const Report& after);

}  // namespace quell::compare_detail
