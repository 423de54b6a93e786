// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/budget.h"
#include "quell/byte_view.h"

namespace quell::amd {

// What a zlib stream unpacks to. Never more than `bound` bytes, nor more than the stream can really hold (zlib packs
// at most about 1030 to 1); a stream that wants more, ends early or is damaged is an error. Bytes after the end of the
// stream are padding.
//
// Every piece is asked of the budget before it is made, and stays charged when the stream turns out to be damaged.
Result<Buffer> inflate(Bytes stream, std::uint64_t bound, Budget& budget);

}  // namespace quell::amd
