// SPDX-License-Identifier: GPL-2.0-or-later
// What the top of a layout leaves unused, and where its parts overlap: as nodes beside the layout's own.
#pragma once

#include <cstdint>

#include "model/document.h"
#include "quell/component.h"

namespace quell::report {

// A list of stretches of a file of `size` bytes, in order. Each is named as if it were a further child of the layout.
doc::Value space_of(const Component& layout, std::uint64_t size);

}  // namespace quell::report
