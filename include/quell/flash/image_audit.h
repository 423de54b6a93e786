// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "quell/check.h"
#include "quell/finding.h"
#include "quell/flash/descriptor.h"
#include "quell/image.h"

namespace quell::flash {

// Whether the file claims to hold a whole chip, so that its size and its repetitions mean something.
bool is_chip_content(const Recognition& what);

// What is wrong with the image as a whole: a size that no chip has, a read that was cut short, and, with
// Depth::everything (which reads every byte), blank areas and areas that repeat because the chip was read at the
// wrong size. `descriptor` may be null. Ids: "image.*".
std::vector<Finding> audit_image(const Image& image, const FlashDescriptor* descriptor, Depth depth);

}  // namespace quell::flash
