// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of compare(). Internal to compare/.
#pragma once

#include "quell/survey/compare.h"
#include "survey/compare/owners.h"

namespace quell::compare_detail {

// Differing bytes by owner, in the order of their first difference; not those in `explained`, which is in order.
std::vector<PartDifference> tally_parts(const Ownership& ownership, ByteView before, ByteView after,
                                        const std::vector<Range>& explained = {});

// Two components that are one part.
struct Pair {
  std::string path{};
  const Component* before = nullptr;
  const Component* after = nullptr;
  std::string anchor{};
  std::string anchor_after{};
};

struct Matching {
  std::vector<const Component*> added{};           // afterwards, without a partner, with all below them
  std::vector<const Component*> carried{};         // before, inside of what moved with all its bytes
  std::vector<Pair> moved{};                       // at another place afterwards
  std::vector<StructureDifference> differences{};  // what came, went, moved or changed its size
};

// Components of both reports by what they are.
Matching match_parts(const Report& before_report, ByteView before, const Report& after_report, ByteView after);

// The differing bytes of the parts that moved, each compared with itself at its other place.
std::vector<PartDifference> compare_moved(const Matching& matching, ByteView before, ByteView after);

// Where a part that moved, or was added, lies in its image, without smaller parts in it that did not; in order. `old`
// for the places that they left.
std::vector<Range> moved_ranges(const Matching& matching, const std::vector<Owner>& owners, std::uint64_t size,
                                bool old);

// Facts and states of actions that differ between engines of the same place in the report.
std::vector<FactDifference> compare_facts(const Report& before, const Report& after);

}  // namespace quell::compare_detail
