// SPDX-License-Identifier: GPL-2.0-or-later
// The five short answers of every engine: what the engine has seen, and what is generally so for the rest.
#pragma once

#include <string>

#include "quell/survey/report.h"
#include "quell/survey/status.h"

namespace quell {

// Puts one answer a question into every engine, in their order.
void answer(Report& report);
void answer(HostStatus& status);

// The machine in one sentence: which engine runs, who reaches it, whether it can be switched off.
std::string in_one_sentence(const HostStatus& status);

}  // namespace quell
