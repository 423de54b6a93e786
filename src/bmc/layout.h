// SPDX-License-Identifier: GPL-2.0-or-later
// The fixed flash layouts of OpenBMC (data/bmc-layouts.csv): U-Boot, its environment, the kernel as a flattened image
// tree, a squashfs root and a writable file system.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"

namespace quell::bmc {

struct Part {
  std::string name{};  // "u-boot", "u-boot-env", "kernel", "rofs", "rwfs"
  Range range{};
};

// The parts, where the file has the size of a layout and kernel and root file system begin where it puts them. Reads a
// few bytes.
std::optional<std::vector<Part>> openbmc_layout(ByteView file);

}  // namespace quell::bmc
