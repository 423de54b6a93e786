// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "flash/descriptor_details.h"
#include "quell/flash/descriptor.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t block = 0x1000;
constexpr std::uint64_t highest_section = 0xE00;  // the map's fields are at most 0xE0

enum class Overlaps { judged, left_out };

// Regions in the order of their offsets, so that each is compared with its neighbour only.
template <class Visit>
void for_each_neighbours(const FlashDescriptor& descriptor, Visit visit) {
  std::vector<const DescriptorRegion*> used;
  for (const DescriptorRegion& region : descriptor.regions) {
    if (region.in_use()) used.push_back(&region);
  }
  std::ranges::sort(used, {}, [](const DescriptorRegion* region) { return region->range; });
  for (std::size_t i = 1; i < used.size(); ++i) visit(*used[i - 1], *used[i]);
}

class Auditor {
 public:
  Auditor(const FlashDescriptor& descriptor, ByteView image, Extent extent)
      : d_(descriptor),
        image_(image),
        extent_(extent),
        chipset_(chipset_of(descriptor)),
        alone_(is_descriptor_file(d_, image_)),
        shipped_so_(is_vendor_overlap(d_)) {}

  std::vector<Finding> run(Overlaps overlaps) && {
    check_sections();
    check_version();
    check_regions();
    if (overlaps == Overlaps::judged) check_overlaps();
    check_size();
    check_clocks();
    check_access();
    return std::move(findings_);
  }

 private:
  Finding& add(std::string id, Question question, Severity severity, std::string title, Range range) {
    range.offset += image_.origin();
    findings_.push_back(
        {.id = std::move(id), .question = question, .severity = severity, .title = std::move(title), .range = range});
    return findings_.back();
  }

  void check_sections() {
    struct Section {
      std::string_view name;
      Range range;
    };
    const std::array<Section, 5> sections{
        {{"component", {d_.component_section, 12}},
         {"region", {d_.region_section, 4 * std::max<std::uint64_t>(5, d_.regions.size())}},
         {"master", {d_.master_section, 12}},
         {"strap", {d_.strap_section, std::uint64_t{4} * d_.strap_count}},
         {"processor strap", {d_.mch_strap_section, std::uint64_t{4} * d_.mch_strap_count}}}};
    for (const Section& section : sections) {
      if (section.range.end() > block || section.range.offset > highest_section) {
        add("flash.descriptor.section-outside", Question::descriptor, Severity::error,
            fmt::format("the {} section at {:#x} does not lie in the descriptor's first 4 KiB", section.name,
                        section.range.offset),
            section.range);
      }
    }
    for (std::size_t a = 0; a < 4; ++a) {
      for (std::size_t b = a + 1; b < 4; ++b) {
        if (sections.at(a).range.intersects(sections.at(b).range)) {
          add("flash.descriptor.sections-overlap", Question::descriptor, Severity::error,
              fmt::format("the {} and {} sections overlap", sections.at(a).name, sections.at(b).name),
              sections.at(b).range);
        }
      }
    }
    const std::uint64_t vscc = std::uint64_t{d_.flumap1 & 0xFFU} << 4U;
    const std::uint64_t length = std::uint64_t{4} * (d_.flumap1 >> 8U & 0xFFU);
    if (vscc + length > block && d_.flumap1 != 0xFFFFFFFF) {
      add("flash.descriptor.vscc-outside", Question::descriptor, Severity::warning,
          "the VSCC table does not lie in the descriptor", {0xEFC, 4});
    }
  }

  void check_version() {
    if (!d_.version) {
      add("flash.descriptor.layout-unknown", Question::descriptor, Severity::error,
          "the spacing of the descriptor's sections fits no known version", {d_.signature_offset + 4, 8})
          .advice = "the descriptor is damaged: read the chip again";
      return;
    }
    constexpr std::array<std::string_view, 7> old{"ich8",       "ich9",       "ich10",     "5-series",
                                                  "silvermont", "6-7-series", "8-9-series"};
    const bool is_old = std::ranges::find(old, chipset_.id) != old.end();
    if (is_old == (*d_.version == DescriptorVersion::v2)) {
      add("flash.descriptor.version-conflict", Question::descriptor, Severity::error,
          fmt::format("the sections are laid out as in version {}, but the numbers are those of the {}",
                      is_old ? "2" : "1", chipset_.title),
          {d_.signature_offset + 4, 12})
          .advice = "the descriptor is damaged, or of a chipset that is not known: read the chip again";
    }
  }

  void check_regions() {
    const DescriptorRegion* own = d_.region(0);
    if (own == nullptr || own->range.offset != 0 || !own->in_use()) {
      add("flash.descriptor.no-own-region", Question::descriptor, Severity::error,
          "the descriptor region does not begin at 0", {d_.region_section, 4});
    }
    const DescriptorRegion* bios = d_.region(1);
    if (bios == nullptr || !bios->in_use()) {
      add("flash.region.no-bios", Question::regions, Severity::warning, "there is no BIOS region",
          {d_.region_section, 8});
    }
    for (const DescriptorRegion& region : d_.regions) {
      if (!region.in_use()) continue;
      if (region.index != 0 && region.range.offset < block && !shipped_so_) {
        add("flash.region.over-descriptor", Question::regions, Severity::error,
            fmt::format("the {} region lies over the descriptor", region.title), {region.word_offset, 4});
      }
      if (!alone_ && region.range.end() > image_.size()) check_beyond(region);
    }
  }

  void check_beyond(const DescriptorRegion& region) {
    const bool part = extent_ == Extent::part;
    Finding& finding = add("flash.region.beyond-file", Question::regions,
                           part                ? Severity::info
                           : region.index == 2 ? Severity::error
                                               : Severity::warning,
                           fmt::format("the {} region ends at {:#x} but the file ends at {:#x}", region.title,
                                       region.range.end() - 1, image_.size() - 1),
                           region.range);
    if (part) return;
    finding.advice =
        "the read was cut short, or this is one half of a dual-chip board: read again, or join both halves";
  }

  void check_overlaps() {
    if (shipped_so_) {
      add("flash.region.overlap", Question::regions, Severity::warning,
          "the BIOS region lies over all others, the descriptor too", d_.region(1)->range)
          .advice = vendor_overlap_reason;
      return;
    }
    for_each_neighbours(d_, [this](const DescriptorRegion& before, const DescriptorRegion& after) {
      if (before.range.intersects(after.range)) {
        add("flash.region.overlap", Question::regions, Severity::error,
            fmt::format("the {} and {} regions overlap", before.title, after.title),
            before.range.intersection(after.range))
            .advice = "the descriptor is damaged, or not this machine's: read the chip again";
      } else if (after.range.offset > before.range.end()) {
        add("flash.region.gap", Question::regions, Severity::info,
            fmt::format("no region between {:#x} and {:#x}", before.range.end(), after.range.offset - 1),
            Range::between(before.range.end(), after.range.offset));
      }
    });
  }

  void check_size() {
    const FlashComponents parts = components_of(d_, chipset_);
    const auto total = parts.total();
    if (!total) {
      add("flash.component.density", Question::size, Severity::warning, "the size of a flash chip is a reserved value",
          {d_.component_section, 4});
      return;
    }
    std::uint64_t end = 0;
    for (const DescriptorRegion& region : d_.regions) end = std::max(end, region.in_use() ? region.range.end() : 0);
    if (end > *total) {
      add("flash.region.beyond-chip", Question::regions, Severity::warning,
          fmt::format("the regions end at {:#x}, beyond the {} KiB of the flash chips", end - 1, *total / 1024),
          {d_.component_section, 4});
    }
  }

  // 17 MHz (code 6) marks the read clock of the 100 series and its server and Atom relatives; older parts do not have
  // it.
  void check_clocks() {
    const FlashComponents parts = components_of(d_, chipset_);
    if (!parts.read_clock_used || !d_.version || parts.read.code == 0) return;
    const bool is_v2 = *d_.version == DescriptorVersion::v2;
    if ((chipset_.read_clock_17 && parts.read.code != 6) || (!is_v2 && parts.read.code == 6)) {
      add("flash.component.read-clock", Question::descriptor, Severity::warning,
          fmt::format("the read clock {} does not fit the {}", to_string(parts.read), chipset_.title),
          {d_.component_section, 4});
    }
  }

  void check_access() {
    const auto masters = masters_of(d_, chipset_);
    if (masters.size() < 2) return;
    const MasterAccess& host = masters[0];
    const MasterAccess& me = masters[1];
    if ((host.write & 1U) != 0) {
      add("flash.access.unlocked", Question::access, Severity::info,
          "the host may rewrite the descriptor and with it every permission", {host.word_offset, 4});
    } else {
      add("flash.access.locked", Question::access, Severity::info,
          "the host may not write the descriptor: flash a changed one with an external programmer",
          {host.word_offset, 4});
    }
    if ((host.read & 2U) == 0) {
      add("flash.access.host-cannot-read-bios", Question::access, Severity::warning,
          "the host may not read the BIOS region", {host.word_offset, 4});
    }
    if ((me.write & 2U) != 0) {
      add("flash.access.me-writes-bios", Question::access, Severity::warning, "the ME may write the BIOS region",
          {me.word_offset, 4})
          .advice = "quell descriptor lock-out takes that from it";
    }
  }

  const FlashDescriptor& d_;
  ByteView image_;
  Extent extent_;
  Chipset chipset_;
  bool alone_;
  bool shipped_so_;
  std::vector<Finding> findings_{};
};

}  // namespace

std::optional<RegionOverlap> first_overlap(const FlashDescriptor& descriptor) {
  std::optional<RegionOverlap> out;
  for_each_neighbours(descriptor, [&out](const DescriptorRegion& before, const DescriptorRegion& after) {
    if (!out && before.range.intersects(after.range)) {
      out = RegionOverlap{&before, &after, before.range.intersection(after.range)};
    }
  });
  return out;
}

std::vector<Finding> audit(const FlashDescriptor& descriptor, ByteView image, Extent extent) {
  return Auditor(descriptor, image, extent).run(Overlaps::judged);
}

std::vector<Finding> audit_but_overlaps(const FlashDescriptor& descriptor, ByteView image) {
  return Auditor(descriptor, image, Extent::whole).run(Overlaps::left_out);
}

}  // namespace quell::flash
