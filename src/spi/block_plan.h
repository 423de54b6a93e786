// SPDX-License-Identifier: GPL-2.0-or-later
// What has to be written to turn one content of a chip into another.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/flash/word_difference.h"
#include "quell/image.h"

namespace quell::spi {

inline constexpr std::uint64_t default_unit = 0x10000;

struct RegionChange {
  std::string name{};  // "me", "fd", ...; "unassigned" for bytes in no region
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
};

struct BlockPlan {
  std::string base{};  // hashes
  std::string target{};
  std::uint64_t size = 0;
  std::uint64_t unit_size = default_unit;
  std::vector<std::uint64_t> blocks{};  // numbers of the 4 KiB blocks that differ
  std::vector<std::uint64_t> units{};   // offsets in the order of writing; the descriptor's unit comes last
  std::uint64_t erases = 0;             // blocks that need a bit to go from 0 to 1
  std::uint64_t bytes = 0;              // bytes that differ
  std::vector<RegionChange> regions{};
  std::vector<flash::WordDifference> descriptor_words{};
  bool descriptor_beyond_clean = false;  // more than `quell clean` would change there

  [[nodiscard]] bool empty() const noexcept { return units.empty(); }
  [[nodiscard]] Range unit(std::size_t index) const {
    return Range{units.at(index), unit_size}.intersection({0, size});
  }
  // The hash of the plan, by which it is confirmed: the first digits of SHA-256 over base, target and the units.
  [[nodiscard]] std::string id() const;
};

// Both contents have the same size. Regions are those of the base's descriptor. `base_hash`, where known, saves time;
// `names` are those of the base's descriptor.
BlockPlan make_block_plan(Bytes base, Bytes target, std::uint64_t unit_size, std::string base_hash = {},
                          std::span<const flash::NamedBit> names = {});

// The base with one region of the target put in. Errc::usage when the base has no such region.
Result<Buffer> only_region(Bytes base, Bytes target, std::string_view region);

}  // namespace quell::spi
