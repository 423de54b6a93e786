// SPDX-License-Identifier: GPL-2.0-or-later
// What of a file nothing is known to be in, and where parts of its layout overlap: as nodes beside the layout's own.
#pragma once

#include "model/document.h"
#include "quell/survey/report.h"

namespace quell::report {

// A list of stretches of the file, in order; none where it has no layout. Each is named as if it were a further child
// of the layout.
doc::Value space_of(const Report& report);

}  // namespace quell::report
