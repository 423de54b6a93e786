// SPDX-License-Identifier: GPL-2.0-or-later
// The words for lock profiles in tables.
#pragma once

#include <array>

#include "base/table.h"
#include "flash/descriptor_details.h"

namespace quell::flash {

inline constexpr std::array lock_profiles{Word{"classic", LockProfile::classic}, Word{"client", LockProfile::client},
                                          Word{"server", LockProfile::server}, Word{"atom", LockProfile::atom}};

}  // namespace quell::flash
