// SPDX-License-Identifier: GPL-2.0-or-later
// The words that people read for what a document names by keys.
#pragma once

#include "model/document.h"
#include "quell/survey/report.h"

namespace quell::report {

// By kind of name: the enumerations of every document and, of a report, its attributes and the kinds of its components.
doc::Value labels_of(const Report* report);

}  // namespace quell::report
