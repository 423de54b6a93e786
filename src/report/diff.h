// SPDX-License-Identifier: GPL-2.0-or-later
// What `quell diff` says.
#pragma once

#include <string>

#include "quell/survey/compare.h"
#include "report/text.h"

namespace quell::report {

std::string diff_text(const Report& before, const Report& after, const Comparison& comparison, const TextStyle& style);
std::string diff_json(const Report& before, const Report& after, const Comparison& comparison);

}  // namespace quell::report
