// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/block_plan.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "flash/recognise.h"
#include "quell/digest.h"
#include "quell/flash/descriptor.h"
#include "spi/reading.h"

namespace quell::spi {
namespace {

std::vector<NamedRange> regions_of(Bytes image) {
  Image whole("chip", ByteView(image));
  flash::recognise_dump(whole);
  return whole.regions;
}

// Where the region changes inside the range, its ends included.
std::vector<std::uint64_t> borders(const std::vector<NamedRange>& regions, Range range) {
  std::vector<std::uint64_t> places{range.offset, range.end()};
  for (const NamedRange& region : regions) {
    for (const std::uint64_t place : {region.range.offset, region.range.end()}) {
      if (range.contains(place)) places.push_back(place);
    }
  }
  std::ranges::sort(places);
  return places;
}

// Adds the differing bytes of one block to the regions they lie in.
void count_bytes(Bytes base, Bytes target, std::uint64_t start, const std::vector<NamedRange>& regions,
                 std::map<std::string, RegionChange>& changes, BlockPlan& plan) {
  const Range block = Range{start, block_size}.intersection({0, base.size()});
  const auto places = borders(regions, block);
  std::map<std::string, std::uint64_t> here;
  bool erase = false;
  for (std::size_t i = 0; i + 1 < places.size(); ++i) {
    std::uint64_t bytes = 0;
    for (std::uint64_t at = places[i]; at < places[i + 1]; ++at) {
      bytes += base[at] == target[at] ? 0 : 1;
      erase = erase || (~base[at] & target[at]) != std::byte{0};
    }
    if (bytes != 0) here[region_at(regions, places[i])] += bytes;
  }
  if (erase) ++plan.erases;
  for (const auto& [name, bytes] : here) {
    RegionChange& change = changes[name];
    change.name = name;
    change.bytes += bytes;
    ++change.blocks;
    plan.bytes += bytes;
  }
}

// `quell clean` changes straps (the disable bits), the region table (a region that moves or shrinks) and the master
// section
// (--lock-out); anything else is another matter.
bool changed_by_clean(const flash::WordDifference& word) {
  return word.part == flash::DescriptorPart::strap || word.part == flash::DescriptorPart::region ||
         word.part == flash::DescriptorPart::master;
}

}  // namespace

std::string BlockPlan::id() const {
  std::string text = fmt::format("{} {} {}", base, target, unit_size);
  for (const std::uint64_t unit : units) text += fmt::format(" {:x}", unit);
  return to_hex(Bytes(sha256(as_bytes(text))).first(6));
}

BlockPlan make_block_plan(Bytes base, Bytes target, std::uint64_t unit_size, std::string base_hash,
                          std::span<const flash::NamedBit> names) {
  BlockPlan plan;
  plan.base = base_hash.empty() ? to_hex(sha256(base)) : std::move(base_hash);
  plan.target = to_hex(sha256(target));
  plan.size = std::min(base.size(), target.size());
  plan.unit_size = std::min<std::uint64_t>(std::max(unit_size, block_size), std::max<std::uint64_t>(plan.size, 1));
  const auto regions = regions_of(base);
  std::map<std::string, RegionChange> changes;
  for (std::uint64_t at = 0; at < plan.size; at += block_size) {
    const Range range = Range{at, block_size}.intersection({0, plan.size});
    if (equal(base.subspan(range.offset, range.size), target.subspan(range.offset, range.size))) continue;
    plan.blocks.push_back(at / block_size);
    count_bytes(base, target, at, regions, changes, plan);
    const std::uint64_t unit = at / plan.unit_size * plan.unit_size;
    if (plan.units.empty() || plan.units.back() != unit) plan.units.push_back(unit);
  }
  // An interrupted job then still shows the old descriptor.
  if (!plan.units.empty() && plan.units.front() == 0)
    std::rotate(plan.units.begin(), plan.units.begin() + 1, plan.units.end());
  for (auto& [name, change] : changes) plan.regions.push_back(std::move(change));
  plan.descriptor_words = flash::compare_words(ByteView(base), ByteView(target), names);
  plan.descriptor_beyond_clean = !std::ranges::all_of(plan.descriptor_words, changed_by_clean);
  return plan;
}

Result<Buffer> only_region(Bytes base, Bytes target, std::string_view region) {
  const auto regions = regions_of(base);
  const auto found = std::ranges::find(regions, region, &NamedRange::name);
  if (found == regions.end()) {
    std::string names;
    for (const NamedRange& r : regions) names += " " + r.name;
    return fail(Errc::usage,
                fmt::format("the chip has no region {}; it has{}", region, names.empty() ? " none" : names));
  }
  const Range range = found->range.intersection({0, std::min(base.size(), target.size())});
  Buffer result(base.begin(), base.end());
  std::ranges::copy(target.subspan(range.offset, range.size), std::span(result).subspan(range.offset).begin());
  return result;
}

}  // namespace quell::spi
