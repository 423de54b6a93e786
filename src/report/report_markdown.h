// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "quell/survey/report.h"

namespace quell::report {

// What `inspect` says of an image as a Markdown page, for tickets and wikis.
std::string to_markdown(const Report& report);

}  // namespace quell::report
