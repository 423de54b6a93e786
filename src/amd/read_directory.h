// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "amd/cookies.h"
#include "amd/directory.h"
#include "amd/efs.h"

namespace quell::amd {

// Largest entry count that is believed: the largest real directory has 60, AMD's builders allow 255.
inline constexpr std::uint32_t most_entries = 0x200;

// "0x00030000": file offsets in references and evidence.
std::string hex32(std::uint64_t number);

// Bytes that a directory of this kind needs for so many entries, header included.
std::uint64_t directory_bytes(DirectoryKind kind, std::uint64_t count) noexcept;

// Reads header and entries of the directory at a file offset where `cookie` stands, resolving every address. With a
// count that cannot be true there are no entries and no computed checksum. `context` brings slot, combo ID and the
// like.
Result<Directory> read_directory(ByteView file, const Window& window, const Cookie& cookie, Directory context);

}  // namespace quell::amd
