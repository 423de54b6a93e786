// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/descriptor_edit.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "flash/descriptor_words.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t block = 0x1000;

LockProfile lock_profile(const Chipset& chipset, DescriptorVersion version) {
  return version == DescriptorVersion::v1_5 ? LockProfile::server : chipset.lock;
}

std::vector<std::uint64_t> copies_of(const FlashDescriptor& d, ByteView image) {
  std::vector<std::uint64_t> copies;
  const DescriptorRegion* own = d.region(0);
  if (own == nullptr || own->range.offset != 0) return copies;
  const ByteView map = image.clip({d.signature_offset, 16});
  const std::uint64_t end = std::min<std::uint64_t>(own->range.end(), 16 * block);
  for (std::uint64_t at = block; at < end; at += block) {
    if (image.matches(at + d.signature_offset, map.bytes())) copies.push_back(at);
  }
  return copies;
}

bool is_error(const Finding& finding) { return finding.severity >= Severity::error; }

}  // namespace

Result<void> set_word(PlanBuilder& builder, const EditRules& rules, std::uint64_t offset, std::uint32_t value,
                      const std::string& reason) {
  QUELL_TRY(const auto old, builder.u32(offset));
  if (old != value) QUELL_CHECK(builder.set_u32(offset, value, reason));
  for (const std::uint64_t copy : rules.copies) {
    const auto there = builder.u32(copy + offset);
    if (there && *there == old && old != value)
      QUELL_CHECK(builder.set_u32(copy + offset, value, reason + ", second copy"));
  }
  return {};
}

Result<EditRules> edit_rules(const FlashDescriptor& descriptor, ByteView image) {
  if (!descriptor.version) {
    return fail(Errc::damaged, "the spacing of the descriptor's sections fits no known version, so it is not edited",
                descriptor.signature_offset + 4);
  }
  const Chipset chipset = chipset_of(descriptor);
  return EditRules{.version = *descriptor.version,
                   .extended_access = chipset.extended_access,
                   .lock = lock_profile(chipset, *descriptor.version),
                   .copies = copies_of(descriptor, image)};
}

namespace {

// Two regions over each other, or one that the file holds in part only. What lies wholly behind the file's end is
// simply not there.
Result<void> require_borders(const FlashDescriptor& descriptor, ByteView image, Overrides accepted) {
  if (accepted.has(Override::overlaps)) return {};
  for (const DescriptorRegion& region : descriptor.regions) {
    if (!region.in_use()) continue;
    if (region.range.offset < image.size() && region.range.end() > image.size()) {
      return refuse(
          fmt::format("the {} region ends at {:#x} but the file ends at {:#x}, inside of it: the read was cut "
                      "short, or this is one half of a dual-chip board",
                      region.title, region.range.end() - 1, image.size() - 1),
          {Override::overlaps}, region.word_offset);
    }
  }
  const auto overlap = first_overlap(descriptor);
  if (!overlap) return {};
  return refuse(fmt::format("the {} and {} regions overlap: {}", overlap->before->title, overlap->after->title,
                            is_vendor_overlap(descriptor) ? vendor_overlap_reason
                                                          : "the descriptor is damaged, or not this machine's"),
                {Override::overlaps}, image.origin() + overlap->shared.offset);
}

}  // namespace

Result<void> require_editable(const FlashDescriptor& descriptor, ByteView image, Overrides accepted) {
  QUELL_CHECK(require_borders(descriptor, image, accepted));
  for (const Finding& finding : audit_but_overlaps(descriptor, image)) {
    if (!is_error(finding) || finding.question == Question::regions) continue;
    const auto where = finding.range ? std::optional(finding.range->offset) : std::nullopt;
    return fail(Errc::damaged,
                fmt::format("{}, so the descriptor is not edited{}{}", finding.title,
                            finding.advice.empty() ? "" : ": ", finding.advice),
                where);
  }
  return {};
}

std::optional<unsigned> density_code(std::uint64_t size, DescriptorVersion version) {
  constexpr std::uint64_t unit = 512 * std::uint64_t{1024};
  const bool narrow = version == DescriptorVersion::v1;
  if (size == 0) return narrow ? std::nullopt : std::optional(0xFU);
  for (unsigned code = 0; code <= (narrow ? 5U : 9U); ++code) {
    if (size == unit << code) return code;
  }
  return std::nullopt;
}

Result<void> plan_density(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                          unsigned chip, unsigned code) {
  const unsigned bits = rules.version == DescriptorVersion::v1 ? 3 : 4;
  const std::uint32_t mask = (1U << bits) - 1;
  if (chip > 2 || code > mask) return fail(Errc::usage, "chips are numbered 1 and 2 (0: both)");
  QUELL_TRY(auto word, builder.u32(descriptor.component_section));
  for (unsigned i = 0; i < 2; ++i) {
    if (chip != 0 && chip != i + 1) continue;
    word = (word & ~(mask << i * bits)) | code << i * bits;
  }
  return set_word(builder, rules, descriptor.component_section, word, "FLCOMP: chip density");
}

Result<void> plan_clock(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                        unsigned code) {
  if (code > 7) return fail(Errc::usage, "a clock code has three bits");
  QUELL_TRY(auto word, builder.u32(descriptor.component_section));
  word = (word & ~(0x1FFU << 21U)) | code << 27U | code << 24U | code << 21U;
  return set_word(builder, rules, descriptor.component_section, word, "FLCOMP: SPI clocks");
}

Result<void> plan_dual_output(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                              bool on) {
  QUELL_TRY(auto word, builder.u32(descriptor.component_section));
  word = on ? word | 1U << 30U : word & ~(1U << 30U);
  return set_word(builder, rules, descriptor.component_section, word, "FLCOMP: dual output fast read");
}

Result<void> plan_strap(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                        std::uint64_t index, std::uint32_t value) {
  if (index >= descriptor.straps.size()) {
    return fail(Errc::usage,
                fmt::format("strap {} does not exist: the descriptor has {}", index, descriptor.straps.size()));
  }
  return set_word(builder, rules, descriptor.strap_section + 4 * index, value, strap_name(descriptor, false, index));
}

Result<void> plan_region(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules,
                         unsigned index, Range range) {
  const DescriptorRegion* region = descriptor.region(index);
  if (region == nullptr) return fail(Errc::usage, fmt::format("the descriptor has no region {}", index));
  if (range.offset % block != 0 || range.size % block != 0) {
    return fail(Errc::usage,
                fmt::format("{:#x}-{:#x}: a region begins and ends at whole 4 KiB blocks", range.offset, range.end()));
  }
  if (range.end() > 0x7FFF * block) return fail(Errc::usage, "a region ends below 128 MiB");
  if (index == 0 && (range.offset != 0 || range.empty()))
    return fail(Errc::usage, "the descriptor region begins at 0 and stays");
  return set_word(builder, rules, region->word_offset, region_word(range, rules.version),
                  fmt::format("FLREG{}: {}", index, region->title));
}

Result<void> plan_inject(PlanBuilder& builder, const FlashDescriptor& descriptor, ByteView image, unsigned index,
                         Bytes content) {
  const DescriptorRegion* region = descriptor.region(index);
  if (region == nullptr || !region->in_use()) return fail(Errc::usage, fmt::format("region {} is not in use", index));
  const Range range = region->range;
  if (range.end() > image.size() && is_descriptor_alone(descriptor, image)) {
    return fail(
        Errc::damaged,
        fmt::format("the file is the descriptor alone, so the {} region has no place in it: give the dump of the "
                    "whole chip",
                    region->title),
        region->word_offset);
  }
  if (range.end() > image.size()) {
    return fail(Errc::damaged,
                fmt::format("the {} region ends at {:#x} but the file ends at {:#x}: give the dump of the whole chip",
                            region->title, range.end() - 1, image.size() - 1),
                region->word_offset);
  }
  if (content.size() > range.size) {
    return fail(Errc::usage,
                fmt::format("{} bytes do not fit in the {} region of {}", content.size(), region->title, range.size));
  }
  const std::uint64_t free = range.size - content.size();
  const bool at_end = index == 1;
  const std::string reason = fmt::format("new content of the {} region", region->title);
  if (at_end) QUELL_CHECK(builder.fill({range.offset, free}, std::byte{0xFF}, reason));
  return builder.replace(range.offset + (at_end ? free : 0), Buffer(content.begin(), content.end()), reason);
}

const DescriptorRegion* find_region(const FlashDescriptor& descriptor, std::string_view name) {
  for (const DescriptorRegion& region : descriptor.regions) {
    if (same_letters(name, region.short_name) ||
        (same_letters(name, region.title) && region.index != 13 && region.index != 14) ||
        same_letters(name, fmt::format("reg{}", region.index)) || name == std::to_string(region.index)) {
      return &region;
    }
  }
  if (same_letters(name, "descriptor") || same_letters(name, "ifd")) return descriptor.region(0);
  if (same_letters(name, "10gbe")) return descriptor.region(11);
  return nullptr;
}

Result<Buffer> apply_descriptor_plan(const Plan& plan, const Image& image) {
  QUELL_TRY(Buffer output, apply(plan, image));
  QUELL_CHECK(verify_applied(plan, image.bytes(), ByteView(output)));
  QUELL_TRY(const auto before, parse_descriptor(image.bytes()));
  const auto after = parse_descriptor(ByteView(output));
  if (!after) {
    return fail(Errc::usage, fmt::format("the result is no readable descriptor any more ({}), so nothing is written",
                                         after.error().message));
  }
  const auto old_findings = audit(before, image.bytes());
  for (const Finding& finding : audit(*after, ByteView(output))) {
    if (!is_error(finding)) continue;
    const bool known = std::ranges::any_of(
        old_findings, [&](const Finding& old) { return old.id == finding.id && old.title == finding.title; });
    if (!known) return fail(Errc::usage, fmt::format("in the result {}, so nothing is written", finding.title));
  }
  return output;
}

}  // namespace quell::flash
