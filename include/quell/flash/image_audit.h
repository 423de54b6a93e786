// SPDX-License-Identifier: GPL-2.0-or-later
// Is this dump sound? The one place that answers for `check`, `backup` and `flash`.
#pragma once

#include <vector>

#include "quell/check.h"
#include "quell/finding.h"
#include "quell/flash/descriptor.h"
#include "quell/image.h"

namespace quell::flash {

// Whether the file claims to be the content of a whole chip, so that its size and its repetitions mean something. An
// update file, which has it behind a header, is none.
bool is_chip_content(const Image& image);

// What is known of the chip that the bytes come from, or are meant for.
struct ChipContext {
  std::uint64_t size = 0;      // bytes; zero: nothing is known of the chip
  bool no_descriptor = false;  // the chip is not one of an Intel board
  unsigned component = 0;      // 1 or 2 of a pair; zero: a chip of its own
};

// What is wrong with the image as a whole: a size that no chip has or that is not this chip's, a read that was cut
// short or shifted, a GbE region with a wrong checksum, and, with Depth::everything (which reads every byte), blank
// areas, areas that repeat because the chip was read at the wrong size, and content that is too uniform or too random
// for firmware. `descriptor` may be null. Of severity critical is what makes the bytes useless as the content of a
// chip. Ids: "image.*", "flash.gbe.*".
std::vector<Finding> audit_image(const Image& image, const FlashDescriptor* descriptor, Depth depth,
                                 const ChipContext& chip = {});

}  // namespace quell::flash
