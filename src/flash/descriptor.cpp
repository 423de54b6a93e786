// SPDX-License-Identifier: GPL-2.0-or-later
// Layout, offsets from the start of the image (Intel SPI programming guides; the signature's place moves FLMAP0-3
// only):
//   SIG        5A A5 F0 0F, at 0x00 (ICH8-10) or 0x10
//   SIG + 4    FLMAP0  7:0 FCBA, 9:8 NC, 23:16 FRBA, 26:24 NR         (addresses in units of 16 bytes)
//   SIG + 8    FLMAP1  7:0 FMBA, 10:8 NM, 23:16 FISBA/FPSBA, 31:24 ISL/PSL
//   SIG + 12   FLMAP2  7:0 FMSBA, 15:8 MSL, 23:16 ICCRIBA, 31:24 RIL
//   SIG + 16   FLMAP3  (500 series and later)
//   0xEFC      FLUMAP1 7:0 VTBA, 15:8 VTL, 31:24 MDTBA
#include "quell/flash/descriptor.h"

#include <algorithm>

namespace quell::flash {
namespace {

constexpr std::array<std::byte, 4> signature{std::byte{0x5A}, std::byte{0xA5}, std::byte{0xF0}, std::byte{0x0F}};
constexpr std::uint64_t flumap1_offset = 0xEFC;
constexpr std::uint64_t block = 0x1000;  // unit of region words

struct RegionName {
  std::string_view short_name;
  std::string_view title;
};

constexpr std::array<RegionName, 16> region_names{{
    {"fd", "Flash Descriptor"},
    {"bios", "BIOS"},
    {"me", "Intel ME"},
    {"gbe", "GbE"},
    {"pd", "Platform Data"},
    {"devexp", "Device Exp1"},
    {"bios2", "Secondary BIOS"},
    {"res7", "Reserved"},
    {"ec", "EC"},
    {"devexp2", "Device Exp2"},
    {"ie", "IE"},
    {"10gbe_0", "10GbE_0"},
    {"10gbe_1", "10GbE_1"},
    {"res13", "Reserved"},
    {"res14", "Reserved"},
    {"ptt", "PTT"},
}};

std::uint64_t slot_count(const FlashDescriptor& d) {
  std::uint64_t next = flumap1_offset;
  for (const std::uint64_t section : {d.component_section, d.master_section, d.strap_section}) {
    if (section > d.region_section) next = std::min(next, section);
  }
  return next <= d.region_section ? 0 : std::min<std::uint64_t>((next - d.region_section) / 4, region_names.size());
}

// Wellsburg has the spacing of v1 with the wider fields of later chipsets: more regions than v1 can have, or its own
// FLMAP2.
bool is_wellsburg(const FlashDescriptor& d) { return (d.flmap0 >> 24U & 7U) >= 5 || d.flmap2 == 0x1B210120; }

std::optional<DescriptorVersion> version_of(const FlashDescriptor& d) {
  if (d.master_section == d.region_section + 0x20) {
    return is_wellsburg(d) ? DescriptorVersion::v1_5 : DescriptorVersion::v1;
  }
  if (d.master_section == d.region_section + 0x40) return DescriptorVersion::v2;
  return std::nullopt;
}

Result<std::vector<std::uint32_t>> words(ByteView image, std::uint64_t offset, std::uint64_t count) {
  std::vector<std::uint32_t> out;
  for (std::uint64_t i = 0; i < count; ++i) {
    QUELL_TRY(const auto word, image.u32(offset + 4 * i));
    out.push_back(word);
  }
  return out;
}

}  // namespace

Range region_range(std::size_t index, std::uint32_t word) noexcept {
  const std::uint64_t base = word & 0x7FFFU;
  const std::uint64_t limit = word >> 16U & 0x7FFFU;
  if (base > limit || base == 0x7FFF || (index != 0 && word == 0)) return {};
  return Range::between(base * block, (limit + 1) * block);
}

const DescriptorRegion* FlashDescriptor::region(unsigned index) const noexcept {
  return index < regions.size() ? &regions[index] : nullptr;
}

std::optional<std::uint64_t> find_descriptor(ByteView image) {
  for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{0x10}}) {
    if (image.matches(offset, signature)) return offset;
  }
  return std::nullopt;
}

bool is_descriptor_alone(const FlashDescriptor& descriptor, ByteView image) noexcept {
  const DescriptorRegion* own = descriptor.region(0);
  return image.size() <= (own != nullptr && own->in_use() ? std::max<std::uint64_t>(own->range.end(), block) : block);
}

bool is_descriptor_file(const FlashDescriptor& descriptor, ByteView image) noexcept {
  if (is_descriptor_alone(descriptor, image)) return true;
  bool names_more = false;
  for (const DescriptorRegion& region : descriptor.regions) {
    if (!region.in_use()) continue;
    if (region.range.end() <= image.size()) {
      if (region.index == 1 || region.index == 2) return false;
    } else if (region.range.offset < image.size()) {
      return false;
    } else {
      names_more = true;
    }
  }
  return names_more;
}

bool is_vendor_overlap(const FlashDescriptor& descriptor) noexcept {
  const DescriptorRegion* bios = descriptor.region(1);
  if (bios == nullptr || !bios->in_use() || bios->range.offset != 0) return false;
  for (const DescriptorRegion& region : descriptor.regions) {
    if (region.index == 1 || !region.in_use()) continue;
    if (!bios->range.contains(region.range)) return false;
    for (const DescriptorRegion& other : descriptor.regions) {
      if (other.index > region.index && other.index != 1 && region.range.intersects(other.range)) return false;
    }
  }
  return true;
}

Result<FlashDescriptor> parse_descriptor(ByteView image) {
  const auto found = find_descriptor(image);
  if (!found) return fail(Errc::unrecognised, "no flash descriptor signature at 0x0 or 0x10");
  FlashDescriptor d;
  d.signature_offset = *found;
  Fields f(image, "flash descriptor");
  d.flmap0 = f.u32(*found + 4);
  d.flmap1 = f.u32(*found + 8);
  d.flmap2 = f.u32(*found + 12);
  d.flmap3 = f.u32(*found + 16);
  d.flumap1 = f.u32(flumap1_offset);
  QUELL_CHECK(f.done());

  d.component_section = std::uint64_t{d.flmap0 & 0xFFU} << 4U;
  d.region_section = std::uint64_t{d.flmap0 >> 16U & 0xFFU} << 4U;
  d.master_section = std::uint64_t{d.flmap1 & 0xFFU} << 4U;
  d.strap_section = std::uint64_t{d.flmap1 >> 16U & 0xFFU} << 4U;
  d.mch_strap_section = std::uint64_t{d.flmap2 & 0xFFU} << 4U;
  d.strap_count = d.flmap1 >> 24U;
  Fields component(image, "component section");
  d.flcomp = component.u32(d.component_section);
  d.flill = component.u32(d.component_section + 4);
  d.flpb = component.u32(d.component_section + 8);
  QUELL_CHECK(component.done());
  d.mch_strap_count = d.flmap2 >> 8U & 0xFFU;
  d.version = version_of(d);

  QUELL_TRY(const auto region_words, words(image, d.region_section, slot_count(d)));
  for (unsigned i = 0; i < region_words.size(); ++i) {
    d.regions.push_back({i, region_names[i].short_name, region_names[i].title, region_words[i],
                         d.region_section + std::uint64_t{4} * i, region_range(i, region_words[i])});
  }
  QUELL_TRY(d.straps, words(image, d.strap_section, d.strap_count));
  QUELL_TRY(d.mch_straps, words(image, d.mch_strap_section, d.mch_strap_count));
  QUELL_TRY(d.masters, words(image, d.master_section, 6));
  return d;
}

}  // namespace quell::flash
