// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

#include <fmt/format.h>

#include "base/words.h"
#include "survey/compare/parts.h"

namespace quell {

void for_each_difference(ByteView before, ByteView after, const std::function<void(Range run)>& found) {
  constexpr std::size_t block = 4096;
  const auto a = before.bytes();
  const auto b = after.bytes();
  const std::size_t size = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (at < size) {
    const std::size_t part = std::min(block, size - at);
    if (std::memcmp(a.subspan(at, part).data(), b.subspan(at, part).data(), part) == 0) {
      at += part;
      continue;
    }
    const std::size_t block_end = at + part;
    while (at < block_end) {
      while (at < block_end && a[at] == b[at]) ++at;
      if (at == block_end) break;
      const std::size_t start = at;
      while (at < size && a[at] != b[at]) ++at;
      found({start, at - start});
    }
  }
}

std::string summary(const PartDifference& part) {
  if (part.erased && part.to_erased == part.bytes) return "erased (0xFF)";
  if (part.zeroed && part.to_zero == part.bytes) return "zeroed (0x00)";
  const std::string places = part.runs > 1 ? fmt::format(" in {} places", part.runs) : std::string();
  if (part.to_erased == part.bytes) return fmt::format("{} erased (0xFF){}", count_text(part.bytes, "byte"), places);
  if (part.to_zero == part.bytes) return fmt::format("{} zeroed (0x00){}", count_text(part.bytes, "byte"), places);
  if (part.from_erased == part.bytes) {
    return fmt::format("{} written where the flash was erased{}", count_text(part.bytes, "byte"), places);
  }
  return fmt::format("{} {}{}", count_text(part.bytes, "byte"), part.bytes == 1 ? "differs" : "differ", places);
}

namespace compare_detail {
namespace {

constexpr std::size_t first_kept = 8;     // places that are listed one by one
constexpr std::uint64_t joined_gap = 16;  // equal bytes between two changes that still make one place

struct Tally {
  PartDifference part{};
  std::uint64_t last_end = 0;
};

void add_place(Tally& tally, Range run) {
  PartDifference& part = tally.part;
  const bool joins = part.runs != 0 && run.offset - tally.last_end <= joined_gap;
  if (!joins) {
    ++part.runs;
    if (part.first.size() < first_kept) part.first.push_back(run);
  } else if (part.runs == part.first.size()) {
    part.first.back() = Range::between(part.first.back().offset, run.end());
  }
  tally.last_end = run.end();
}

void add_bytes(PartDifference& part, Bytes before, Bytes after) {
  part.bytes += before.size();
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto old = std::to_integer<std::uint8_t>(before[i]);
    const auto now = std::to_integer<std::uint8_t>(after[i]);
    part.to_erased += now == 0xFF ? 1U : 0U;
    part.to_zero += now == 0 ? 1U : 0U;
    part.from_erased += old == 0xFF ? 1U : 0U;
    part.bits_cleared += static_cast<unsigned>(std::popcount(static_cast<std::uint8_t>(old & ~now)));
    part.bits_set += static_cast<unsigned>(std::popcount(static_cast<std::uint8_t>(~old & now)));
  }
}

}  // namespace

// The parts of `run` that no range of `explained` (in order, not overlapping) covers.
std::vector<Range> unexplained(Range run, const std::vector<Range>& explained) {
  std::vector<Range> out;
  auto at = std::ranges::upper_bound(explained, run.offset, {}, &Range::end);
  std::uint64_t from = run.offset;
  for (; at != explained.end() && at->offset < run.end(); ++at) {
    if (at->offset > from) out.push_back(Range::between(from, at->offset));
    from = std::max(from, at->end());
  }
  if (from < run.end()) out.push_back(Range::between(from, run.end()));
  return out;
}

std::vector<PartDifference> tally_parts(const Ownership& ownership, ByteView before, ByteView after,
                                        const std::vector<Range>& explained) {
  std::map<std::size_t, std::size_t> places;  // owner to index in `tallies`
  std::vector<Tally> tallies;
  std::size_t segment = 0;
  const auto& segments = ownership.segments;
  const auto take = [&](Range run) {
    while (segment < segments.size() && segments[segment].range.end() <= run.offset) ++segment;
    for (std::size_t s = segment; s < segments.size() && segments[s].range.offset < run.end(); ++s) {
      const std::size_t owner = segments[s].owner;
      const auto [place, is_new] = places.emplace(owner, tallies.size());
      if (is_new) {
        Tally tally;
        if (owner != nobody) {
          tally.part.path = ownership.owners[owner].path;
          tally.part.kind = ownership.owners[owner].kind;
          tally.part.anchor = ownership.owners[owner].anchor;
          tally.part.anchor_after = ownership.owners[owner].anchor_after;
          tally.part.range = ownership.owners[owner].range;
        }
        tallies.push_back(std::move(tally));
      }
      const Range part = run.intersection(segments[s].range);
      add_place(tallies[place->second], part);
      add_bytes(tallies[place->second].part, before.clip(part).bytes(), after.clip(part).bytes());
    }
  };
  for_each_difference(before, after, [&](Range run) {
    for (const Range& part : unexplained(run, explained)) take(part);
  });
  std::vector<PartDifference> out;
  out.reserve(tallies.size());
  for (Tally& tally : tallies) out.push_back(std::move(tally.part));
  return out;
}

}  // namespace compare_detail
}  // namespace quell
