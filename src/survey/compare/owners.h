// SPDX-License-Identifier: GPL-2.0-or-later
// Which component a byte belongs to: the smallest one that holds it. Internal to compare/.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/survey/report.h"

namespace quell::compare_detail {

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

// A component with the names that lead to it, in one image or in both.
struct Owner {
  std::string path{};
  std::string kind{};
  Range range{};
  const Component* component = nullptr;
  std::string anchor{};        // in the first image (trees_of()); empty where it has none
  std::string anchor_after{};  // in the second
};

// One stretch of the image with one owner (or nobody).
struct Segment {
  Range range{};
  std::size_t owner = nobody;
};

struct Ownership {
  std::vector<Owner> owners{};
  std::vector<Segment> segments{};  // in order, without gaps, over [0, size)
};

// The short name of the region that holds the range ("me"), or nothing.
std::string region_of(const Component& layout, Range range);

// The regions of a layout as owners.
std::vector<Owner> region_owners(const Report& report);

// Every component of the report as an owner; the bytes decide how deep to go: what became blank as a whole is one
// owner, whatever was in it.
std::vector<Owner> all_owners(const Report& report, ByteView before, ByteView after);

// Gives every byte to the smallest owner that holds it; among equals the first in the list.
Ownership distribute(std::vector<Owner> owners, std::uint64_t size);

}  // namespace quell::compare_detail
