// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quell/finding.h"

namespace quell {

// What a parser found wrong, as an error under the question it stands under. A damaged file has thousands of faults of
// one cause: there are never more than 64, and after 48 only an id that was not there is added, so that a flood of one
// kind hides no other (a parser has a dozen of them).
void note_error(std::vector<Finding>& problems, std::string_view id, Question question, std::string title,
                std::string detail, Range range, std::string advice = {});

}  // namespace quell
