// SPDX-License-Identifier: GPL-2.0-or-later
// How the five short answers on an engine look.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/document.h"
#include "quell/answers.h"

namespace quell::report {

// "yes: before the BIOS".
std::string answer_text(const ShortAnswer& answer);
// The question in a few words.
std::string_view heading_of(Asked asked);
// One row an answer.
doc::Table answers_table(const std::vector<ShortAnswer>& answers);

}  // namespace quell::report
