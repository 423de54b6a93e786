// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "capi/handles.h"
#include "quell/survey/report.h"

namespace quell::capi {

// What is known of the image; one that nothing knows can be compared all the same.
Report look(const quell_image& handle);

}  // namespace quell::capi
