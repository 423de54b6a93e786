// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "intel/firmware.h"
#include "quell/engine_report.h"

namespace quell::intel {

// What this image shows of the five questions: the network stack in the firmware, whether the engine halts after
// bring-up, and what `clean` would do. The actions of the report stand already.
void answer(EngineReport& report, const Examined& examined);

}  // namespace quell::intel
