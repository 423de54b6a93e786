// SPDX-License-Identifier: GPL-2.0-or-later
// Specimens of the formats beside Intel's ME and AMD's PSP. Signed with the project's worthless keys.
#pragma once

#include "specimen/specimen.h"

namespace quell::specimen {

enum class BootGuardFlavour {
  none,      // a FIT with nothing but a BIOS startup module
  v1,        // ACM, key manifest and boot policy of Boot Guard 1.0
  cbnt,      // the same of CBnT
  no_fit,    // blank where the pointer should be
  km_alone,  // a FIT without ACM, and a key manifest that it does not reach
};

// 256 KiB of BIOS region: a firmware volume, a flash map with a coreboot file system, and at the top the structures of
// Boot Guard, all signatures and digests right.
Buffer bios_region(BootGuardFlavour flavour);

// Who has signed the second stage of an EEPROM beside Raspberry Pi.
enum class CounterSigned { by_nobody, by_the_owner, by_another };

// A boot EEPROM of a Pi 5 (2 MiB): second stage, a compressed bootmain, settings with owner's key and signature.
Buffer raspberrypi_eeprom(CounterSigned counter_signed = CounterSigned::by_nobody);

// A U-Boot legacy image, both checksums right.
Buffer uimage();

// A program as the Pis before the EEPROM boot it from their medium (start.elf): headers and build strings.
Buffer raspberrypi_start_elf();

// A FIP with BL31 and OP-TEE.
Buffer fip_package();

// A U-Boot FIT image with BL31 and OP-TEE, and their SHA-256.
Buffer uboot_fit();

// A Qualcomm image: an ELF file with a hash segment of version 5 and no certificates.
Buffer qualcomm_image();

// An Intel microcode update for two processors.
Buffer microcode();

// An IMG4 with an unencrypted, LZSS-compressed payload and a manifest that names its digest, signed with the key of the
// certificate in it.
Buffer image4();

}  // namespace quell::specimen
