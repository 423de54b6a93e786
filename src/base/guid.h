// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "quell/byte_view.h"

namespace quell {

// A GUID as UEFI prints it: the first three fields little-endian, upper case ("8C8CE578-8A3D-4F1C-9935-896185C32DD3").
// Empty when the 16 bytes are not there.
std::string guid_text(ByteView view, std::uint64_t offset);

// A UUID in stored byte order, lower case.
std::string uuid_text(ByteView view, std::uint64_t offset);

}  // namespace quell
