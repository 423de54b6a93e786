// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace quell::host {

// The host firmware status registers HFSTS1 to HFSTS6 of an Intel engine; those that were not readable are empty.
// The first one is at index 0.
using Registers = std::array<std::optional<std::uint32_t>, 6>;

}  // namespace quell::host
