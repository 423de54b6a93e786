// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/document.h"
#include "report/built_in.h"

namespace quell::report {

// A list for programs: name, digest, date.
doc::Value tables_of(std::span<const BuiltIn::Table> tables);

}  // namespace quell::report
