// SPDX-License-Identifier: GPL-2.0-or-later
// The worker's side of a scan: a process that reads the files which it is handed, and nothing else.
#pragma once

#include <cstdint>
#include <functional>

#include "base/file_descriptor.h"
#include "quell/image.h"
#include "scan/channel.h"

namespace quell::scan {

// Looks at an image, whose digest is known, and says what came of it; `time` is measured by the caller. May throw.
using Examiner = std::function<Looked(Image& image)>;

// A larger file is no flash image.
inline constexpr std::uint64_t largest_file = std::uint64_t{512} << 20U;

// Enters the sandbox and serves the other end of the socket until that is gone. To be called in a new process. An image
// may take `memory` bytes beyond what the process has now.
[[noreturn]] void work(const FileDescriptor& socket, const Examiner& examine, std::uint64_t memory);

}  // namespace quell::scan
