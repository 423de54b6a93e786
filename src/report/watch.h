// SPDX-License-Identifier: GPL-2.0-or-later
// How a watch ended, in words.
#pragma once

#include <string>

#include "report/text.h"
#include "survey/watch.h"

namespace quell::report {

// How an earlier watch ended where that matters, what came of this one, what to do next; verbosity -1: without the
// last.
std::string to_text(const WatchOutcome& outcome, const TextStyle& style);

}  // namespace quell::report
