// SPDX-License-Identifier: GPL-2.0-or-later
// How a statement is worded, the same in every format.
#pragma once

#include <string>

#include "survey/explain.h"

namespace quell::report {

// "yes: in the chipset", "only with AMT", "no": a few words.
std::string brief_of(const Statement& statement);
// The whole answer; with its doubt where the source is weak.
std::string text_of(const Statement& statement);
// "warning or error".
std::string severities_of(const KnownFinding& finding);

}  // namespace quell::report
