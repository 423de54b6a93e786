// SPDX-License-Identifier: GPL-2.0-or-later
// Two UEFI firmwares by what lies in them: variables and modules, packed or not.
#pragma once

#include <vector>

#include "quell/survey/compare.h"

namespace quell::compare_detail {

// What differs, variables first, each by name. Both images are unpacked; nothing where neither holds UEFI firmware.
std::vector<FirmwareDifference> compare_firmware(const Report& before_report, ByteView before,
                                                 const Report& after_report, ByteView after);

}  // namespace quell::compare_detail
