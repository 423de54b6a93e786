// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "quell/image.h"

namespace quell::intel {

// ME regions of every layout, IFWI images, update images and code partitions, by what they begin with.
std::optional<Recognition> recognise(ByteView file);

// An ME region behind something else.
std::optional<Recognition> recognise_inside(ByteView file);

}  // namespace quell::intel
