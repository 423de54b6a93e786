// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "flash/layout_file.h"
#include "quell/override.h"

namespace quell::intel {

// Refuses a layout that cuts off what somebody wrote, or firmware that the machine needs (Override::shrink).
Result<void> refuse_loss(const flash::FlashDescriptor& descriptor, ByteView image, const flash::Relayout& relayout,
                         Overrides accepted);

}  // namespace quell::intel
