// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "quell/survey/report.h"

namespace quell::report {

// The reports of one command as a JSON document of schema quell/2 (docs/schema), with a final newline.
std::string to_json(std::string_view command, const std::vector<Report>& reports);

}  // namespace quell::report
