// SPDX-License-Identifier: GPL-2.0-or-later
// Boot files of the models before the EEPROM (Pi 1 to 3, Zero), which lie on the first partition of the boot medium.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::raspberrypi {

struct BootFile {
  std::string kind{};  // "bootcode.bin", "start.elf", "fixup.dat"
  std::string title{};
  Attributes attributes{};
  bool sized = false;  // its headers tell how long it is
  std::vector<Finding> problems{};
};

// Whether this is a VideoCore firmware program (start*.elf): ELF32 for machine 137, with Raspberry Pi's build strings
// unless it is cut short before them.
bool looks_like_start_elf(ByteView view) noexcept;

// Whether this is a second stage with its signature, as recovery.bin and bootcode4.bin are.
bool looks_like_second_stage(ByteView view);

// What the file is. `bootcode.bin` and `fixup*.dat` have no signature and are known by name and shape.
std::optional<BootFile> read_boot_file(const std::string& file_name, ByteView view);

}  // namespace quell::raspberrypi
