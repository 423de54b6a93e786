// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "quell/image.h"

namespace quell::amd {

// An AMD image by its embedded firmware structure at the places where the boot ROM looks for it. Reads a few bytes.
std::optional<Recognition> recognise(ByteView file);

// The same in an update file, behind a header of any size.
std::optional<Recognition> recognise_inside(ByteView file);

}  // namespace quell::amd
