// SPDX-License-Identifier: GPL-2.0-or-later
// How the five short answers on an engine look.
#pragma once

#include <vector>

#include "quell/answers.h"
#include "report/json_values.h"
#include "report/text_writer.h"

namespace quell::report {

// "yes: before the BIOS".
std::string answer_text(const ShortAnswer& answer);
// The question in a few words.
std::string_view heading_of(Asked asked);
// One line an answer.
void write_answers(TextWriter& writer, std::size_t indent, const std::vector<ShortAnswer>& answers);
Json json_of(const std::vector<ShortAnswer>& answers);

}  // namespace quell::report
