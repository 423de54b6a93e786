// SPDX-License-Identifier: GPL-2.0-or-later
// Buffers of the size of a flash chip. Their pages are asked for in large pieces: taking 8 MiB page by page costs
// as much as copying them.
#pragma once

#include "quell/byte_view.h"

namespace quell {

// `size` bytes, all 0.
Buffer large_buffer(std::uint64_t size);
Buffer copy_of(Bytes bytes);

}  // namespace quell
