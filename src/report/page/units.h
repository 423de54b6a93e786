// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/document.h"
#include "quell/survey/report.h"

namespace quell::report {

// How the numbers of an image's attributes are meant, by key: {"size": "bytes", "load_address": "hex"}. Keys whose
// numbers are counts are left out.
doc::Value units_of(const Report& report);

}  // namespace quell::report
