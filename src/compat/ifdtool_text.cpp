// SPDX-License-Identifier: GPL-2.0-or-later
// What ifdtool prints and writes as text: dump, layout file, fmap text.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/landmarks.h"
#include "compat/ifdtool_steps.h"
#include "flash/coreboot.h"
#include "flash/descriptor_details.h"
#include "intel/disable_bit.h"

namespace quell::compat {
namespace {

using flash::DescriptorVersion;

struct SlotNames {
  std::string_view file;
  std::string_view fmap_area;
};
constexpr std::array<SlotNames, 16> slots{{{"flashdescriptor", "SI_DESC"},
                                           {"bios", "SI_BIOS"},
                                           {"intel_me", "SI_ME"},
                                           {"gbe", "SI_GBE"},
                                           {"platform_data", "SI_PDR"},
                                           {"device_exp", "SI_DEVICEEXT"},
                                           {"bios2", "SI_BIOS2"},
                                           {"reserved", ""},
                                           {"ec", "SI_EC"},
                                           {"device_exp", "SI_DEVICEEXT2"},
                                           {"ie", "SI_IE"},
                                           {"10gbe0", "SI_10GBE0"},
                                           {"10gbe1", "SI_10GBE1"},
                                           {"reserved", ""},
                                           {"reserved", ""},
                                           {"ptt", "SI_PTT"}}};

struct Limits {
  std::uint64_t base, limit;  // inclusive limit
};

// As ifdtool decodes a slot: 12-bit fields in v1, 15 bits since.
Limits decode(std::uint32_t word, DescriptorVersion version) {
  const std::uint32_t mask = version == DescriptorVersion::v1 ? 0xFFF : 0x7FFF;
  return {std::uint64_t{word & mask} << 12U, std::uint64_t{word >> 16U & mask} << 12U | 0xFFFU};
}

std::size_t slots_in(const IfdJob& job) {
  return std::min<std::size_t>(slot_count(job), job.descriptor.regions.size());
}

void add_regions(std::string& out, const IfdJob& job) {
  out += "\nFound Region Section\n";
  for (std::size_t i = 0; i < slots_in(job); ++i) {
    const auto& region = job.descriptor.regions[i];
    const Limits limits = decode(region.word, job.rules.version);
    out += fmt::format("FLREG{}:    {:#010x}\n  Flash Region {} ({}): {:08x} - {:08x} {}\n", i, region.word, i,
                       region.title, limits.base, limits.limit, region.in_use() ? "" : "(unused)");
  }
}

// "50MHz", as the tool has it.
std::string clock_text(const flash::Clock& clock) {
  std::string text = to_string(clock);
  std::erase(text, ' ');
  return text;
}

void add_components(std::string& out, const IfdJob& job, const flash::Chipset& chipset) {
  const auto parts = flash::components_of(job.descriptor, chipset);
  const auto yes_no = [](bool value) { return value ? "supported" : "not supported"; };
  out += fmt::format("\nFound Component Section\nFLCOMP     {:#010x}\n", parts.flcomp);
  out += fmt::format("  Dual Output Fast Read Support:       {}\n", yes_no(parts.dual_output_fast_read));
  out += fmt::format("  Read ID/Read Status Clock Frequency: {}\n", clock_text(parts.read_id));
  out += fmt::format("  Write/Erase Clock Frequency:         {}\n", clock_text(parts.write));
  out += fmt::format("  Fast Read Clock Frequency:           {}\n", clock_text(parts.fast_read));
  out += fmt::format("  Fast Read Support:                   {}\n", yes_no(parts.fast_read_supported));
  if (parts.read_clock_used) out += fmt::format("  Read Clock Frequency:                {}\n", clock_text(parts.read));
  if (parts.espi) out += fmt::format("  eSPI/EC Bus Frequency:               {}\n", clock_text(*parts.espi));
  // Both, whether there is a second chip or not.
  for (std::size_t i = 0; i < std::max<std::size_t>(parts.sizes.size(), 2); ++i) {
    const auto size = i < parts.sizes.size() ? parts.sizes[i] : std::nullopt;
    out += fmt::format("  Component {} Density:                 {}\n", i + 1,
                       !size                              ? "UNUSED"
                       : *size >= std::uint64_t{1} << 20U ? fmt::format("{}MB", *size >> 20U)
                                                          : "512KB");
  }
  out += fmt::format("FLILL      {:#010x}\n", parts.flill);
  for (std::size_t i = 0; i < parts.forbidden_opcodes.size(); ++i)
    out += fmt::format("  Invalid Instruction {}: {:#04x}\n", i, parts.forbidden_opcodes[i]);
  out += fmt::format("FLPB       {:#010x}\n", parts.flpb);
}

// Scripts look for these lines, highest region first.
void add_access(std::string& out, const IfdJob& job, std::uint32_t allowed, std::string_view kind) {
  for (std::size_t i = slots_in(job); i-- > 0;) {
    const std::string_view title = job.descriptor.regions[i].title;
    const std::string name = i == 0   ? std::string(title)
                             : i == 1 ? std::string("Host CPU/BIOS Region")
                                      : fmt::format("{} Region", title);
    out += fmt::format("  {:34} {}\n", fmt::format("{} {} Access:", name, kind),
                       (allowed >> i & 1U) != 0 ? "enabled" : "disabled");
  }
}

void add_masters(std::string& out, const IfdJob& job, const flash::Chipset& chipset) {
  out += "\nFound Master Section\n";
  for (const auto& master : flash::masters_of(job.descriptor, chipset)) {
    out += fmt::format("FLMSTR{}:   {:#010x} ({})\n", master.number, master.word, master.name);
    add_access(out, job, master.write, "Write");
    add_access(out, job, master.read, "Read");
    if (master.requester) out += fmt::format("  Requester ID: {:#06x}\n", *master.requester);
  }
}

void add_straps(std::string& out, const IfdJob& job) {
  const auto& d = job.descriptor;
  out += "\nFound PCH Strap Section\n";
  for (std::size_t i = 0; i < d.straps.size(); ++i)
    out += fmt::format("{}: {:#010x}\n", flash::strap_name(d, false, i), d.straps[i]);
  const auto bits = intel::find_disable_bits(d, job.image, intel::firmware_facts(d, job.image));
  out += fmt::format("Platform: {} ({})\n", bits.platform.name, to_string(bits.platform.confidence));
  for (const auto& bit : bits.bits)
    out += fmt::format("ME disable bit: {} is {}\n", to_string(bit), bit.set() ? "set" : "not set");
  if (const auto set = bits.set()) {
    const bool hap = job.rules.version == DescriptorVersion::v2;
    out += fmt::format("{} bit is {}set\n", hap ? "HAP" : "AltMeDisable", *set ? "" : "not ");
  }
  if (bits.bits.empty()) out += "ME disable bit: its place is not known for certain\n";
  out += "\nFound Processor Strap Section\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(d.mch_straps.size(), 8); ++i)
    out += fmt::format("{}: {:#010x}\n", flash::strap_name(d, true, i), d.mch_straps[i]);
}

}  // namespace

unsigned slot_count(const IfdJob& job) {
  switch (job.rules.version) {
    case DescriptorVersion::v1: return 5;
    case DescriptorVersion::v1_5: return 8;
    case DescriptorVersion::v2: return 16;
  }
  return 16;
}

std::string dump_text(const IfdJob& job) {
  const auto& d = job.descriptor;
  const flash::Chipset chipset = flash::chipset_of(d);
  std::string out = fmt::format("PCH Revision: {}{}\n", chipset.title, chipset.certain ? "" : " (by default)");
  out += fmt::format("FLMAP0:    {:#010x}\n  NR:      {}\n  FRBA:    {:#x}\n  NC:      {}\n  FCBA:    {:#x}\n",
                     d.flmap0, d.flmap0 >> 24U & 7U, d.region_section, (d.flmap0 >> 8U & 3U) + 1, d.component_section);
  out += fmt::format("FLMAP1:    {:#010x}\n  ISL:     {:#04x}\n  FPSBA:   {:#x}\n  NM:      {}\n  FMBA:    {:#x}\n",
                     d.flmap1, d.strap_count, d.strap_section, d.flmap1 >> 8U & 7U, d.master_section);
  out += fmt::format("FLMAP2:    {:#010x}\n  PSL:     {:#04x}\n  FMSBA:   {:#x}\n", d.flmap2, d.mch_strap_count,
                     d.mch_strap_section);
  if (d.component_section != d.signature_offset + 16) out += fmt::format("FLMAP3:    {:#010x}\n", d.flmap3);
  out += fmt::format("FLUMAP1:   {:#010x}\n  Intel ME VSCC Table Length (VTL):        {}\n", d.flumap1,
                     d.flumap1 >> 8U & 0xFFU);
  out += fmt::format("  Intel ME VSCC Table Base Address (VTBA): {:#08x}\n\n", (d.flumap1 & 0xFFU) << 4U);
  for (const auto& entry : flash::vscc_of(d, job.image)) {
    out += fmt::format("  JID: {:#010x}  VSCC: {:#010x}\n    lower: {}\n    upper: {}\n", entry.jid, entry.vscc,
                       flash::vscc_text(static_cast<std::uint16_t>(entry.vscc >> 16U)),
                       flash::vscc_text(static_cast<std::uint16_t>(entry.vscc & 0xFFFFU)));
  }
  out += "\nOEM Section:\n";
  for (std::uint64_t row = 0; row < 4; ++row) {
    out += fmt::format("{:02x}:", 16 * row);
    for (const std::byte byte : job.image.clip({0xF00 + 16 * row, 16}).bytes())
      out += fmt::format(" {:02x}", std::to_integer<unsigned>(byte));
    out += "\n";
  }
  add_regions(out, job);
  add_components(out, job, chipset);
  add_straps(out, job);
  add_masters(out, job, chipset);
  return out;
}

// ifdtool leaves out only slots whose base is all ones. An unused v1 slot of 0x1FFF therefore appears with its end
// before its start; readers skip such lines.
std::string ifd_layout_text(const IfdJob& job) {
  std::string out;
  for (std::size_t i = 0; i < slots_in(job); ++i) {
    const auto& region = job.descriptor.regions[i];
    const Limits limits = decode(region.word, job.rules.version);
    if (limits.base == 0x7FFF000) continue;
    out += fmt::format("{:08x}:{:08x} {}\n", limits.base, limits.limit, region.short_name);
  }
  return out;
}

std::string fmap_text(const IfdJob& job) {
  std::vector<const flash::DescriptorRegion*> used;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < slots_in(job); ++i) {
    const auto& region = job.descriptor.regions[i];
    if (!region.in_use() || slots.at(i).fmap_area.empty()) continue;
    used.push_back(&region);
    size = std::max(size, region.range.end());
  }
  std::ranges::sort(used, {}, [](const auto* region) { return region->range; });
  std::string out = fmt::format("FLASH 0x{:X} {{\n", size);
  for (const auto* region : used) {
    out += fmt::format("\t{}@0x{:X} 0x{:X}\n", slots.at(region->index).fmap_area, region->range.offset,
                       region->range.size);
  }
  return out + "}\n";
}

std::string region_file_name(unsigned index) {
  return fmt::format("flashregion_{}_{}.bin", index, slots.at(index).file);
}

bool validate_fmap(const IfdJob& job, std::string& text) {
  const auto fmap = flash::read_coreboot(job.image, find_landmarks(job.image)).fmap;
  if (!fmap) {
    text = "no FMAP in the image: nothing to compare with\n";
    return false;
  }
  bool good = true;
  bool any = false;
  for (std::size_t i = 0; i < slots_in(job); ++i) {
    const auto& region = job.descriptor.regions[i];
    const auto area = std::ranges::find(fmap->areas, slots.at(i).fmap_area, &flash::FmapArea::name);
    if (!region.in_use() || area == fmap->areas.end()) continue;
    any = true;
    const bool fits = i == 1 ? region.range.contains(Range{area->offset, area->size})
                             : region.range == Range{area->offset, area->size};
    good = good && fits;
    text += fmt::format("{}: region {:#010x}+{:#x}, FMAP {:#010x}+{:#x}: {}\n", region.title, region.range.offset,
                        region.range.size, area->offset, area->size, fits ? "good" : "different");
  }
  if (!any) text += "the FMAP has no area for any region: nothing to compare with\n";
  return good;
}

}  // namespace quell::compat
