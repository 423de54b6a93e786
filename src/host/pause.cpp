// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/pause.h"

#include <thread>

namespace quell::host {

void pause(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

}  // namespace quell::host
