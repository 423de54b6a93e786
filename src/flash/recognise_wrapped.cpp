// SPDX-License-Identifier: GPL-2.0-or-later
// Images that begin somewhere inside a file: behind a vendor's header, in a capsule, at the end of a padded read.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "flash/recognise_steps.h"
#include "quell/flash/descriptor.h"
#include "quell/flash/recognise.h"

namespace quell::flash {

std::optional<Recognition> recognise_wrapped_amd(ByteView file);  // recognise_amd.cpp

namespace {

constexpr std::array<std::byte, 4> descriptor_signature{std::byte{0x5A}, std::byte{0xA5}, std::byte{0xF0},
                                                        std::byte{0x0F}};
// Hits that are looked at before a search gives up; each look costs a bounded number of reads.
constexpr unsigned most_hits = 4096;

// The four bytes occur by chance and in programs that look for descriptors, so more than the signature must fit: the
// sections' spacing, a descriptor region at 0 and at least one further region that lies wholly in the rest.
std::optional<Range> image_at(ByteView file, std::uint64_t base) {
  const ByteView rest(file.clip({base, file.size()}).bytes());
  const auto descriptor = parse_descriptor(rest);
  if (!descriptor || !descriptor->version || descriptor->regions.empty()) return std::nullopt;
  if (descriptor->regions[0].range.offset != 0 || !descriptor->regions[0].in_use()) return std::nullopt;
  std::uint64_t end = 0;
  bool holds_region = false;
  for (const DescriptorRegion& region : descriptor->regions) {
    if (!region.in_use()) continue;
    end = std::max(end, region.range.end());
    holds_region = holds_region || (region.index != 0 && region.range.end() <= rest.size());
  }
  if (!holds_region) return std::nullopt;
  std::uint64_t size = 0;
  for (const std::uint64_t chip : chip_sizes(*descriptor)) size += chip;
  return Range{base, std::min(rest.size(), size >= end ? size : rest.size())};
}

std::optional<Recognition> wrapped_dump(ByteView file) {
  auto hit = file.find(descriptor_signature);
  for (unsigned tries = 0; hit && tries < most_hits; ++tries, hit = file.find(descriptor_signature, *hit + 1)) {
    if (*hit < 0x10) continue;
    if (const auto body = image_at(file, *hit - 0x10)) {
      return Recognition{"intel.dump", "a file with a header in front", "", *body, true};
    }
  }
  return std::nullopt;
}

// $FPT header: version 0x10, 0x20 or 0x21 at 8, entry version 0x10, header length 0x20 or 0x30.
bool is_partition_table(ByteView file, std::uint64_t place) {
  const auto count = file.u32(place + 4);
  const auto version = file.u8(place + 8);
  const auto entries = file.u8(place + 9);
  const auto length = file.u8(place + 10);
  return count && version && entries && length && *count != 0 && *count <= 128 &&
         (*version == 0x10 || *version == 0x20 || *version == 0x21) && *entries == 0x10 &&
         (*length == 0x20 || *length == 0x30);
}

// The start of an IFWI region whose layout table names this $FPT, searched in blocks before it.
std::optional<std::uint64_t> layout_table_before(ByteView file, std::uint64_t place) {
  for (std::uint64_t back = 0x1000; back <= place && back <= 16U << 20U; back += 0x1000) {
    const std::uint64_t base = place - back;
    if (file.u32(base + 0x10).value_or(0) == back || file.u32(base + 0x18).value_or(0) == back) return base;
  }
  return std::nullopt;
}

std::optional<Recognition> wrapped_region(ByteView file) {
  auto hit = file.find(as_bytes("$FPT"), 0, 4);
  for (unsigned tries = 0; hit && tries < most_hits; ++tries, hit = file.find(as_bytes("$FPT"), *hit + 4, 4)) {
    if (!is_partition_table(file, *hit)) continue;
    std::string kind = "intel.me-region";
    std::uint64_t base = *hit;
    if (file.u8(*hit + 8).value_or(0) != 0x10 && *hit >= 0x10) base -= 0x10;
    if (const auto table = layout_table_before(file, *hit)) {
      kind = "intel.ifwi-region";
      base = *table;
    }
    return Recognition{std::move(kind), fmt::format("Intel ME region at {:#x} of a larger file", base),
                       "there is no flash descriptor in it: give the dump of the whole chip to set the disable bit",
                       Range::between(base, file.size()), true};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Recognition> recognise_wrapped(ByteView file) {
  for (const auto step : {wrapped_dump, wrapped_region, recognise_wrapped_amd}) {
    if (auto found = step(file)) return found;
  }
  return std::nullopt;
}

}  // namespace quell::flash
