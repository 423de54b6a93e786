// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "quell/image.h"

namespace quell::intel {

// ME regions of every layout, IFWI images, update images and code partitions, by what they begin with.
std::optional<Recognition> recognise(ByteView file);

// An ME region behind something else.
std::optional<Recognition> recognise_inside(ByteView file);

// Whether an IFWI region begins here: a layout table that names a partition table which is there.
bool begins_ifwi(ByteView file);

}  // namespace quell::intel
