// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "quell/result.h"

namespace quell::report::chip {

// The pin table for a programmer ("rpi", "rpi-fixed", "ch341a", or a driver's name) and a package ("soic8", "soic16"),
// with everything that has destroyed a chip before. Errc::usage for pairs without a table.
Result<std::string> wiring_text(std::string_view programmer, std::string_view package);
Result<std::string> wiring_json(std::string_view programmer, std::string_view package);

}  // namespace quell::report::chip
