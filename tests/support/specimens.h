// SPDX-License-Identifier: GPL-2.0-or-later
// Every synthetic image of the project by name, for tests that hold for all of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "specimen/amd.h"
#include "specimen/intel.h"
#include "specimen/other.h"

namespace quell::test {

inline std::vector<std::pair<std::string, Buffer>> specimens() {
  std::vector<std::pair<std::string, Buffer>> out;
  for (const specimen::IntelFlavour flavour : specimen::intel_flavours()) {
    const std::string name(specimen::to_string(flavour));
    out.emplace_back(name + ".rom", specimen::intel_small_dump(flavour));
    out.emplace_back(name + ".bin", specimen::intel_small_me_region(flavour));
  }
  for (const specimen::AmdLayout layout : specimen::amd_layouts()) {
    out.emplace_back("amd-" + std::string(specimen::to_string(layout)) + ".rom", specimen::amd_image(layout));
  }
  using specimen::BootGuardFlavour;
  for (const auto flavour : {BootGuardFlavour::none, BootGuardFlavour::v1, BootGuardFlavour::cbnt,
                             BootGuardFlavour::no_fit, BootGuardFlavour::km_alone}) {
    out.emplace_back("boot-guard-" + std::to_string(static_cast<int>(flavour)) + ".rom",
                     specimen::bios_region(flavour));
  }
  out.emplace_back("pieeprom.bin", specimen::raspberrypi_eeprom());
  out.emplace_back("start4.elf", specimen::raspberrypi_start_elf());
  out.emplace_back("fip.bin", specimen::fip_package());
  out.emplace_back("u-boot.itb", specimen::uboot_fit());
  out.emplace_back("tz.mbn", specimen::qualcomm_image());
  out.emplace_back("microcode.bin", specimen::microcode());
  out.emplace_back("sep.img4", specimen::image4());
  return out;
}

}  // namespace quell::test
