// SPDX-License-Identifier: GPL-2.0-or-later
// Descriptors as a board vendor would lock them, one per platform generation.
#include <bit>
#include <stdexcept>

#include "specimen/intel_parts.h"

#include "base/size.h"

namespace quell::specimen {
namespace {

// What the platforms differ in. Addresses of sections follow from the map words.
struct Platform {
  std::uint64_t signature_at = 0x10;
  std::array<std::uint32_t, 3> map{};  // FLMAP0-2
  std::uint32_t upper_map = 0;         // FLUMAP1
  std::uint32_t clocks = 0;            // FLCOMP without densities
  std::uint32_t second_density = 0;    // what stands in the unused second field
  unsigned density_bits = 3;
  std::uint64_t region_slots = 5;
  std::uint32_t unused_region = 0x00001FFF;
  std::vector<std::uint32_t> masters{};
  std::vector<std::uint32_t> straps{};
  std::vector<std::uint32_t> processor_straps{};
};

// Read and write for each master's own regions only, with a network controller; see the descriptor's master section.
const std::vector<std::uint32_t> locked_v1{0x0A0B0000, 0x0C0D0000, 0x08080118};
const std::vector<std::uint32_t> locked_v1_without_network{0x02030000, 0x04050000, 0x00000118};
const std::vector<std::uint32_t> locked_v2{0x00A00B00, 0x00C00D00, 0x00800800, 0x00000000, 0x10010100};

Platform ich9() {
  return {.signature_at = 0,
          .map = {0x03040001, 0x02100206, 0x00000120},
          .upper_map = 0x000002DF,
          .clocks = 0x00300000,
          .region_slots = 5,
          .masters = locked_v1,
          .straps = {0x00186488, 0x0000010E},
          .processor_straps = {0x00000600}};
}

Platform series_7() {
  std::vector<std::uint32_t> straps(18);
  straps[0] = 0x4810D702;
  straps[1] = 0x0000010F;
  straps[4] = 0x00C8E102;
  straps[9] = 0x30000B80;
  straps[10] = 0x00410044;  // bit 7: AltMeDisable, clear
  straps[11] = 0x99000097;
  straps[15] = 0x0000437E;
  straps[17] = 0x00000002;
  return {.map = {0x04040003, 0x12100206, 0x00210120},
          .upper_map = 0x000002DF,
          .clocks = 0x49900000,
          .second_density = 3,
          .masters = locked_v1,
          .straps = std::move(straps),
          .processor_straps = {0}};
}

Platform bay_trail() {
  std::vector<std::uint32_t> straps(11);
  straps[2] = 0x00040400;
  straps[4] = 0x41A0000E;
  straps[10] = 0x00000047;  // bit 7: AltMeDisable, clear
  return {.map = {0x02040003, 0x0B100206, 0x00210020},
          .upper_map = 0x000002DF,
          .clocks = 0x24900000,
          .second_density = 4,
          .masters = locked_v1_without_network,
          .straps = std::move(straps)};
}

// From the 100 series on: the wide layout with sixteen slots. The disable bit is clear.
Platform wide(std::uint32_t map1, std::uint32_t map2, std::uint32_t upper_map, std::uint32_t clocks,
              std::size_t strap_count) {
  std::vector<std::uint32_t> straps(strap_count);
  straps[1] = 0x00000100;
  straps[5] = 0x00010000;
  straps[20] = 0x00002A15;
  return {.map = {0x00040003, map1, map2},
          .upper_map = upper_map,
          .clocks = clocks,
          .second_density = 0xF,
          .density_bits = 4,
          .region_slots = 16,
          .unused_region = 0x00007FFF,
          .masters = locked_v2,
          .straps = std::move(straps),
          .processor_straps = {0, 0}};
}

Platform platform_of(IntelFlavour flavour) {
  switch (flavour) {
    case IntelFlavour::me5: return ich9();
    case IntelFlavour::me8: return series_7();
    case IntelFlavour::txe1: return bay_trail();
    case IntelFlavour::me11: return wide(0x42100208, 0x00310330, 0x000002DF, 0x125C0000, 0x42);
    case IntelFlavour::me14: return wide(0x45100208, 0x00340330, 0xC0FF02DF, 0x12580000, 0x45);
    case IntelFlavour::me16: break;
  }
  // FLMAP2 bits 31:24 and 23:16 of the 500 series on: length and offset of the processor straps.
  return wide(0x73100208, 0x00140170, 0xC0FF02DF, 0x09300000, 0x73);
}

std::uint32_t region_word(Range range) {
  return static_cast<std::uint32_t>(range.offset >> 12U | ((range.end() - 1) >> 12U) << 16U);
}

void put_all(Canvas& canvas, std::uint64_t at, const std::vector<std::uint32_t>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) canvas.u32(at + 4 * i, words[i]);
}

}  // namespace

Buffer descriptor(IntelFlavour flavour, const DumpRegions& regions) {
  const Platform platform = platform_of(flavour);
  const auto section = [&](std::size_t word, unsigned shift) { return (platform.map.at(word) >> shift & 0xFFU) << 4U; };
  Canvas canvas(0x1000);
  canvas.u32(platform.signature_at, 0x0FF0A55A);
  for (std::size_t i = 0; i < 3; ++i) canvas.u32(platform.signature_at + 4 + 4 * i, platform.map.at(i));

  const auto density = static_cast<std::uint32_t>(std::countr_zero(regions.flash_size >> 19U));
  canvas.u32(section(0, 0), platform.clocks | platform.second_density << platform.density_bits | density);
  canvas.u32(section(0, 0) + 4, 0).u32(section(0, 0) + 8, 0);

  std::vector<std::uint32_t> words(to_size(platform.region_slots), platform.unused_region);
  words[0] = 0;
  words[1] = region_word(regions.bios);
  words[2] = region_word(regions.me);
  if (regions.gbe) words[3] = region_word(*regions.gbe);
  put_all(canvas, section(0, 16), words);
  put_all(canvas, section(1, 0), platform.masters);
  put_all(canvas, section(1, 16), platform.straps);
  put_all(canvas, section(2, 0), platform.processor_straps);

  // One flash chip in the table of erase blocks and opcodes: 4 KiB, opcode 0x20.
  canvas.u32(0xEFC, platform.upper_map).u32(0xDF0, 0x001740EF).u32(0xDF4, 0x20052005);
  return std::move(canvas).take();
}

}  // namespace quell::specimen
