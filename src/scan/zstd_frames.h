// SPDX-License-Identifier: GPL-2.0-or-later
// Lines in zstd frames, each of which can be read on its own. Without the library: a failure that says so.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "quell/result.h"

namespace quell::scan {

// Whether the library is there.
bool has_compression() noexcept;

Result<std::string> compress(std::string_view lines);

// The first bytes of the content, at most `size`; fewer where the file ends before, or is torn. Errc::unrecognised
// where it holds no frames, or not even the first block of one.
Result<std::string> beginning_of_frames(int file, std::size_t size);

// Gives `take` the content of each whole frame of the file, until it returns false. Returns where the last frame ends
// that it took.
Result<std::uint64_t> for_each_frame(int file, const std::function<bool(std::string_view content)>& take);

}  // namespace quell::scan
