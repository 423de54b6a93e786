// SPDX-License-Identifier: GPL-2.0-or-later
// What the image line of a scan says of an image (docs/schema/quell-scan-1).
#pragma once

#include <string>

#include "quell/survey/report.h"

namespace quell::report {

// The members of the object from `kind` on, without braces; with `tree` the whole report as its last member.
std::string scan_members(const Report& report, bool tree);
// The same of an image in which nothing is known.
std::string scan_members(const Recognition& what);

}  // namespace quell::report
