// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

namespace quell::host {

// Waits, for hardware that says something else a moment later.
void pause(std::chrono::milliseconds time);

}  // namespace quell::host
