// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "intel/advisories.h"
#include "intel/live/hfsts.h"
#include "intel/live/mei.h"
#include "quell/engine_status.h"

namespace quell::intel::live {

// What a conversation with the engine found out; facts and findings go into the engine's status. Whether AMT answers.
bool ask_engine(const host::Root& root, const MeiInterface& interface, const Generation& generation,
                EngineStatus& engine, std::vector<Version>& versions);

// Findings for every advisory that matches.
void add_advisories(AdvisedProduct product, const Version& version, bool halted, EngineStatus& engine);

}  // namespace quell::intel::live
