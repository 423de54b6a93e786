// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "quell/engine.h"

namespace quell::intel {

// A finding for each further ME image in the BIOS region of a dump. Looks at every byte of that region.
std::vector<Finding> second_images(const Examined& examined);

}  // namespace quell::intel
