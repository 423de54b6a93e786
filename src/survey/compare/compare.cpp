// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/survey/compare.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "intel/disable_bit.h"
#include "survey/compare/firmware.h"
#include "survey/compare/parts.h"

namespace quell {

using namespace compare_detail;

namespace {

// What only the second image has, or has elsewhere. A part that both have at one place keeps its first range, and
// learns its name in the second.
void add_new_owners(std::vector<Owner>& owners, std::vector<Owner> others) {
  std::multimap<std::string, std::size_t> known;
  for (std::size_t i = 0; i < owners.size(); ++i) known.emplace(owners[i].path, i);
  for (Owner& other : others) {
    const auto [first, last] = known.equal_range(other.path);
    // Names may repeat without end in a hostile image; a few are enough to find the partner.
    constexpr int most_tries = 64;
    int tries = 0;
    Owner* same = nullptr;
    for (auto at = first; at != last && same == nullptr && tries < most_tries; ++at, ++tries) {
      if (owners[at->second].range.intersects(other.range)) same = &owners[at->second];
    }
    if (same == nullptr) {
      other.anchor_after = std::exchange(other.anchor, {});
      owners.push_back(std::move(other));
    } else if (same->anchor_after.empty()) {
      same->anchor_after = std::move(other.anchor);
    }
  }
}

// Words of the flash descriptor that differ; nothing unless both images have one of the same layout.
std::vector<flash::WordDifference> compare_descriptors(const Report& before_report, ByteView before,
                                                       const Report& after_report, ByteView after) {
  const ByteView old(before.clip(before_report.what.body).bytes());
  const ByteView now(after.clip(after_report.what.body).bytes());
  if (flash::find_descriptor(old) != flash::find_descriptor(now)) return {};
  auto words = flash::compare_words(old, now, intel::disable_bit_names(old));
  for (flash::WordDifference& word : words) word.offset += before_report.what.body.offset;
  return words;
}

// Both lists as one, in order and without overlaps.
std::vector<Range> joined(std::vector<Range> ranges, const std::vector<Range>& more) {
  ranges.insert(ranges.end(), more.begin(), more.end());
  std::ranges::sort(ranges, {}, &Range::offset);
  std::vector<Range> out;
  for (const Range& range : ranges) {
    if (!out.empty() && range.offset <= out.back().end()) {
      out.back() = Range::between(out.back().offset, std::max(out.back().end(), range.end()));
    } else {
      out.push_back(range);
    }
  }
  return out;
}

// Differing bytes decide whether a part became blank as a whole; each part is looked at once.
void note_blanks(std::vector<PartDifference>& parts, ByteView after) {
  std::uint64_t budget = 4 * after.size();
  for (PartDifference& part : parts) {
    const ByteView now = after.clip(part.range);
    if (now.empty() || now.size() != part.range.size || now.size() > budget) continue;
    budget -= now.size();
    part.erased = now.filled_with(std::byte{0xFF});
    part.zeroed = now.filled_with(std::byte{0});
  }
}

}  // namespace

std::vector<PartDifference> compare_regions(const Report& report, ByteView before, ByteView after) {
  auto parts = tally_parts(distribute(region_owners(report), before.size()), before, after);
  note_blanks(parts, after);
  return parts;
}

Comparison compare(const Report& before_report, ByteView before, const Report& after_report, ByteView after) {
  Comparison out;
  out.size_before = before.size();
  out.size_after = after.size();
  out.same = equal(before.bytes(), after.bytes());
  if (out.same) return out;
  const std::uint64_t size = std::max(before.size(), after.size());
  Matching matching = match_parts(before_report, before, after_report, after);
  std::vector<Owner> owners = all_owners(before_report, before, after);
  std::vector<Owner> others = all_owners(after_report, before, after);
  const std::vector<Range> explained =
      joined(moved_ranges(matching, owners, size, true), moved_ranges(matching, others, size, false));
  add_new_owners(owners, std::move(others));
  out.parts = tally_parts(distribute(std::move(owners), size), before, after, explained);
  std::ranges::move(compare_moved(matching, before, after), std::back_inserter(out.parts));
  note_blanks(out.parts, after);
  for_each_difference(before, after, [&out](Range run) { out.bytes += run.size; });
  out.words = compare_descriptors(before_report, before, after_report, after);
  out.structure = std::move(matching.differences);
  out.firmware = compare_firmware(before_report, before, after_report, after);
  out.facts = compare_facts(before_report, after_report);
  return out;
}

std::string_view to_string(StructureDifference::Kind kind) noexcept {
  switch (kind) {
    case StructureDifference::Kind::added: return "added";
    case StructureDifference::Kind::removed: return "removed";
    case StructureDifference::Kind::moved: return "moved";
    case StructureDifference::Kind::resized: return "resized";
  }
  return "moved";
}

std::string_view to_string(FirmwareDifference::Kind kind) noexcept {
  switch (kind) {
    case FirmwareDifference::Kind::added: return "added";
    case FirmwareDifference::Kind::removed: return "removed";
    case FirmwareDifference::Kind::changed: return "changed";
  }
  return "changed";
}

std::string_view to_string(FirmwareDifference::Part part) noexcept {
  return part == FirmwareDifference::Part::variable ? "variable" : "module";
}

}  // namespace quell
