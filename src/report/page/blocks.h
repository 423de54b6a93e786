// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "quell/byte_view.h"

namespace quell::report {

// What each block of 4 KiB holds, the last one perhaps shorter: 0 erased (0xFF), 1 zeros, 2 to 255 its entropy, from
// none to 8 bits a byte.
Buffer block_kinds(ByteView bytes);

}  // namespace quell::report
