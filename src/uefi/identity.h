// SPDX-License-Identifier: GPL-2.0-or-later
// Who made this BIOS, for which board, and which one it is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "uefi/firmware.h"

namespace quell::uefi {

struct Identity {
  std::string vendor{};
  std::string version{};
  std::string core{};  // AMI: core and project, "4.6 / 00.38"
  std::string board_vendor{};
  std::string board{};
  std::string date{};                // as the firmware writes it
  std::string built{};               // "2017-08-25"
  std::vector<std::string> agesa{};  // AMD's code: "PicassoPI-FP5 1.0.0.9"

  [[nodiscard]] bool empty() const noexcept {
    return vendor.empty() && version.empty() && core.empty() && board.empty() && agesa.empty();
  }
};

// Takes from a leaf what it says about the firmware.
void identify(Identity& identity, const Leaf& leaf);

}  // namespace quell::uefi
