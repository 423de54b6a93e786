// SPDX-License-Identifier: GPL-2.0-or-later
// Regions put together to what comes off a flash chip.
#include <bit>
#include <stdexcept>

#include "specimen/intel_parts.h"

namespace quell::specimen {
namespace {

constexpr std::array flavours{IntelFlavour::me5,  IntelFlavour::me8,  IntelFlavour::txe1,
                              IntelFlavour::me11, IntelFlavour::me14, IntelFlavour::me16};
// Small enough for fuzzing, large enough for several Huffman chunks a module.
constexpr std::uint64_t small_code = 0x400;

bool has_network(IntelFlavour flavour) { return flavour != IntelFlavour::txe1; }

std::uint64_t default_flash_size(IntelFlavour flavour) {
  const bool late = flavour == IntelFlavour::me14 || flavour == IntelFlavour::me16;
  return std::uint64_t{late ? 16U : 8U} << 20U;
}

}  // namespace

std::span<const IntelFlavour> intel_flavours() noexcept { return flavours; }

std::string_view to_string(IntelFlavour flavour) noexcept {
  switch (flavour) {
    case IntelFlavour::me5: return "me5";
    case IntelFlavour::me8: return "me8";
    case IntelFlavour::txe1: return "txe1";
    case IntelFlavour::me11: return "me11";
    case IntelFlavour::me14: return "me14";
    case IntelFlavour::me16: return "me16";
  }
  return "?";
}

Buffer intel_me_region(IntelFlavour flavour, const IntelOptions& options) {
  switch (flavour) {
    case IntelFlavour::me5: return me5_region(options);
    case IntelFlavour::me8: return me8_region(options, false);
    case IntelFlavour::txe1: return me8_region(options, true);
    case IntelFlavour::me11: return me11_region(options);
    case IntelFlavour::me14: return ifwi_region(options, false);
    case IntelFlavour::me16: return ifwi_region(options, true);
  }
  throw std::invalid_argument("no such flavour");
}

Buffer intel_small_me_region(IntelFlavour flavour) { return intel_me_region(flavour, {.code_size = small_code}); }

Buffer intel_update_image(IntelFlavour flavour, const IntelOptions& options) {
  switch (flavour) {
    case IntelFlavour::me5: return me5_code(options);
    case IntelFlavour::me8: return me8_code(options, false, 0);
    case IntelFlavour::txe1: return me8_code(options, true, 0);
    case IntelFlavour::me11: return me11_code(options);
    case IntelFlavour::me14: return ifwi_code(options, false);
    case IntelFlavour::me16: return ifwi_code(options, true);
  }
  throw std::invalid_argument("no such flavour");
}

Buffer intel_dump(IntelFlavour flavour, const IntelOptions& options) {
  const Buffer me = intel_me_region(flavour, options);
  DumpRegions regions;
  regions.flash_size = options.flash_size != 0 ? options.flash_size : default_flash_size(flavour);
  if (!std::has_single_bit(regions.flash_size) || regions.flash_size < 0x80000 || regions.flash_size > 0x1000000) {
    throw std::invalid_argument("no such flash chip");
  }
  std::uint64_t at = 0x1000;
  if (has_network(flavour)) {
    regions.gbe = Range{at, 0x2000};
    at += 0x2000;
  }
  regions.me = {at, me.size()};
  if (regions.me.end() + 0x10000 > regions.flash_size) throw std::length_error("flash too small for this firmware");
  regions.bios = Range::between(regions.me.end(), regions.flash_size);

  Random random(options.seed * 8 + 7);
  Canvas canvas(regions.flash_size);
  canvas.put(0, descriptor(flavour, regions));
  if (regions.gbe) canvas.put(regions.gbe->offset, gbe_region(random));
  canvas.put(regions.me.offset, me);
  canvas.put(regions.bios.offset, bios_region(regions.bios.size, random));
  return std::move(canvas).take();
}

Buffer intel_small_dump(IntelFlavour flavour) {
  return intel_dump(flavour, {.flash_size = 0x80000, .code_size = small_code});
}

}  // namespace quell::specimen
