// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "quell/image.h"

namespace quell::flash {

// Says what the file is and fills `image.what` and `image.regions`. Never fails: what it does not know is
// "unrecognised". Looks at the start of the file first and searches for something wrapped in it only then, so the
// usual case costs a few bytes.
void recognise(Image& image);

}  // namespace quell::flash
