// SPDX-License-Identifier: GPL-2.0-or-later
// What `quell amt` found, for people and for machines.
#pragma once

#include <string>

#include "intel/amt/probe.h"
#include "report/text.h"

namespace quell::report {

// JSON document of schema quell/2, command "amt".
std::string to_json(const intel::amt::Exposure& exposure);

// A page of text; verbosity -1 gives the verdict alone.
std::string to_text(const intel::amt::Exposure& exposure, const TextStyle& style);

}  // namespace quell::report
