// SPDX-License-Identifier: GPL-2.0-or-later
// How the vault writes: whole files, durable before the call returns, read back from the disk.
#pragma once

#include <filesystem>

#include "quell/byte_view.h"
#include "quell/result.h"

namespace quell::spi {

// The error of a system call on this path.
tl::unexpected<Error> io(const std::filesystem::path& path, const char* doing, int number);
Result<void> sync_folder(const std::filesystem::path& folder);
// Creates the folder and makes its name durable; one that is there is fine.
Result<void> make_folder(const std::filesystem::path& folder);
// The same with all folders above it.
Result<void> make_folders(const std::filesystem::path& folder);
// Writes a new file that must not exist, whole, with fsync of file and folder.
Result<void> write_once(const std::filesystem::path& target, Bytes bytes);
// Replaces a file, whole and at once.
Result<void> replace_file(const std::filesystem::path& target, Bytes bytes);

}  // namespace quell::spi
