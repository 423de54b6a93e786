// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "intel/live/advice.h"

namespace quell::intel::live {

// What was seen of the five questions on this machine. Verdict, manageability and options of the engine stand already.
void answer(const Situation& situation, EngineStatus& engine);

}  // namespace quell::intel::live
