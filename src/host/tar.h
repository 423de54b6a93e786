// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "quell/host/root.h"

namespace quell::host {

// Reads a ustar archive (POSIX 1003.1-1988): regular files, directories and symbolic links; other members are
// passed over. Errc::damaged when cut off or when a checksum is wrong. Memory is bounded by the archive's size.
Result<Entries> read_tar(ByteView archive);

// A captured tree in an archive of it, also where all of it lies below one folder. Errors as those of read_tar;
// Errc::unrecognised where neither sys nor proc is in it.
Result<std::unique_ptr<Root>> archive_root(ByteView archive);

// What a captured tree begins with.
constexpr std::array<std::string_view, 4> tree_folders{"/sys", "/proc", "/quell", "/dev"};

// The same entries as a ustar archive; owner, group and times are zero, so that equal trees give equal bytes.
// Fails with Errc::unsupported when a path is longer than the format can hold (255 characters).
Result<Buffer> write_tar(const Entries& entries);

}  // namespace quell::host
