// SPDX-License-Identifier: GPL-2.0-or-later
// The states of an image (stripped, disabled, ...) as a live machine shows them, so that "did it work?" has one answer.
#pragma once

#include <span>

#include "quell/engine_report.h"
#include "quell/engine_status.h"

namespace quell {

// What the verdict proves to have been done to the engine's firmware; empty where it proves nothing. What only the
// firmware in the chip can show (shortened, not read) is in no verdict.
std::span<const EngineState> states_of(Verdict verdict);

}  // namespace quell
