// SPDX-License-Identifier: GPL-2.0-or-later
// What cleaning changes in the flash descriptor.
#include <algorithm>

#include <fmt/format.h>

#include "flash/descriptor_edit.h"
#include "intel/clean/workspace.h"

namespace quell::intel {
namespace {

constexpr std::uint32_t ich_me_disable = 1U << 0U;  // ICHSTRP0 and MCHSTRP0
constexpr std::uint32_t alt_me_disable = 1U << 7U;  // PCHSTRP10 of the 5 to 9 series
constexpr std::uint32_t hap = 1U << 16U;            // PCHSTRP0 of the 100 and 200 series
constexpr std::uint64_t pchstrp10 = std::uint64_t{4} * 10;
constexpr std::uint32_t unused_region = 0x00001FFF;
// FLMSTR2: read descriptor and ME, write ME (v2 layout); read and write ME only (v1 layout).
constexpr std::uint32_t gen3_me_access = 0x00400500;
constexpr std::uint32_t v1_me_access = 0x04040000;

// The map's section addresses reach to 0xFF0, so a word of a section may lie behind the descriptor's page, in the
// middle of somebody's firmware.
Result<void> require_in_descriptor(std::uint64_t offset) {
  constexpr std::uint64_t page = 0x1000;
  if (offset <= page - 4) return {};
  return fail(Errc::damaged, "the flash descriptor's map puts a word to be changed behind the descriptor itself",
              offset);
}

Result<void> set_bit(Workspace& work, std::uint64_t offset, std::uint32_t mask, const std::string& reason) {
  QUELL_CHECK(require_in_descriptor(offset));
  QUELL_TRY(const auto word, work.builder.u32(offset));
  return work.builder.set_u32(offset, word | mask, reason);
}

// FLREG word for [begin, end).
std::uint32_t region_word(std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t base = begin >> 12U & 0x7FFFU;
  const std::uint64_t limit = (end - 1) >> 12U & 0x7FFFU;
  return static_cast<std::uint32_t>(base | limit << 16U);
}

Edit word_edit(std::uint64_t offset, std::uint32_t word, std::string reason) {
  Buffer bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::byte>(word >> shift));
  return {{offset, 4}, Replace{std::move(bytes)}, std::move(reason)};
}

// The reference's place, where nothing confirms that this platform has the bit there.
void warn_of_weak_place(Workspace& work, std::uint64_t offset) {
  const auto found = work.disable_bits();
  const bool good = std::ranges::any_of(
      found.bits, [&](const DisableBit& bit) { return bit.offset == offset && bit.evidence == Evidence::confirmed; });
  if (good) return;
  work.notice("intel.clean.weak-disable-bit", Question::descriptor,
              fmt::format("the disable bit is set at {:#x}{}, but nothing confirms that place for this platform ({})",
                          offset, work.options.like_me_cleaner ? " as me_cleaner does" : "", found.platform.name));
}

}  // namespace

Result<void> require_editable(Workspace& work) {
  const auto& descriptor = *work.descriptor;
  if (!descriptor.version) {
    return fail(Errc::damaged, "the flash descriptor's sections fit no known layout, so it is not edited",
                descriptor.region_section);
  }
  for (const auto& region : descriptor.regions) {
    for (const auto& other : descriptor.regions) {
      if (other.index <= region.index || !region.range.intersects(other.range)) continue;
      const auto overlap = fmt::format("the descriptor's regions {} and {} overlap", region.title, other.title);
      if (!work.options.accepted.has(Override::overlaps)) {
        return refuse(overlap + ": it is damaged, or not this machine's", {Override::overlaps}, other.word_offset);
      }
      work.notice("intel.clean.overlap", Question::regions, overlap);
    }
  }
  const auto* me = descriptor.me();
  if (me != nullptr && me->in_use() && me->range.end() > work.image.size()) {
    return fail(
        Errc::damaged,
        fmt::format("the descriptor says that the ME region ends at {:#x}, but the file ends at {:#x}: the read "
                    "was cut short, or this is one half of a dual-chip board",
                    me->range.end() - 1, work.image.size() - 1),
        me->word_offset);
  }
  return {};
}

Result<void> clean_generation_1_dump(Workspace& work) {
  const auto& descriptor = *work.descriptor;
  // The bits go with the region: without its firmware the chipset must not wait for the engine.
  const bool by_the_way = !work.options.soft_disable;
  if (work.options.like_me_cleaner || by_the_way) warn_of_weak_place(work, descriptor.strap_section);
  work.disables = true;
  QUELL_CHECK(set_bit(work, descriptor.strap_section, ich_me_disable, "ICHSTRP0: ICH ME disable"));
  QUELL_CHECK(set_bit(work, descriptor.mch_strap_section, ich_me_disable, "MCHSTRP0: MCH ME disable"));
  if (work.me_range.empty() || !work.options.strip) return {};
  QUELL_CHECK(require_in_descriptor(descriptor.me()->word_offset));
  QUELL_CHECK(work.builder.set_u32(descriptor.me()->word_offset, unused_region, "FLREG2: no ME region"));
  return work.erase({0, work.me_size()}, "erase the ME region");
}

Result<void> set_platform_bit(Workspace& work) {
  const auto found = work.disable_bits();
  const DisableOptions options{.on = true, .accepted = work.options.accepted, .at = work.options.at};
  QUELL_TRY(const auto edits, plan_disable(work.builder, *work.descriptor, found, options));
  work.disables = true;
  auto notices = disable_notices(found, edits, true);
  work.notices.insert(work.notices.end(), notices.begin(), notices.end());
  work.costs = disable_costs(found);
  return {};
}

// me_cleaner knows two places. From ME 12 on neither is the bit, so there the platform decides.
Result<void> set_disable_strap(Workspace& work) {
  const bool me12 = work.me && work.me->product == Product::me && work.me->manifest.version.major >= 12;
  if (!work.options.like_me_cleaner || me12) return set_platform_bit(work);
  if (!work.me && work.descriptor->version == flash::DescriptorVersion::v2) {
    return fail(Errc::unsupported, "with the ME region erased, nothing says where this platform's disable bit is");
  }
  const bool gen3 = work.me && work.me->generation == Generation::third;
  const std::uint64_t base = work.descriptor->strap_section;
  warn_of_weak_place(work, base + (gen3 ? 0 : pchstrp10));
  if (gen3) return set_bit(work, base, hap, "PCHSTRP0: HAP");
  return set_bit(work, base + pchstrp10, alt_me_disable, "PCHSTRP10: AltMeDisable");
}

Result<void> lock_out_me(Workspace& work) {
  if (!work.me) {
    QUELL_TRY(const auto rules, flash::edit_rules(*work.descriptor, work.image));
    return flash::plan_lock_out(work.builder, *work.descriptor, rules);
  }
  const std::uint64_t flmstr2 = work.descriptor->master_section + 4;
  QUELL_CHECK(require_in_descriptor(flmstr2));
  const std::string reason = "FLMSTR2: the ME may access nothing but itself";
  if (work.me && work.me->generation == Generation::third) return work.builder.set_u32(flmstr2, gen3_me_access, reason);
  QUELL_TRY(const auto old, work.builder.u32(flmstr2));
  return work.builder.set_u32(flmstr2, (old | v1_me_access) & (v1_me_access | 0xFFFFU), reason);
}

Result<std::vector<Edit>> moved_borders(Workspace& work, std::uint64_t me_size) {
  if (work.me_range.empty()) return std::vector<Edit>{};
  const auto* bios = work.descriptor->region(1);
  if (bios == nullptr || !bios->in_use() || bios->range.offset != work.me_range.end()) {
    work.notice("intel.clean.borders-unchanged", Question::regions,
                "the BIOS region does not follow the ME region, so no border can be moved");
    return std::vector<Edit>{};
  }
  const std::uint64_t border = work.me_range.offset + me_size;
  std::vector<Edit> edits{word_edit(bios->word_offset, region_word(border, bios->range.end()),
                                    "FLREG1: BIOS takes over what the ME gave up")};
  if (work.me && work.me->generation != Generation::first) {
    edits.push_back(word_edit(work.descriptor->me()->word_offset, region_word(work.me_range.offset, border),
                              "FLREG2: the shrunken ME region"));
  }
  return edits;
}

}  // namespace quell::intel
