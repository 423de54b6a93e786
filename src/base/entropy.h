// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "quell/byte_view.h"

namespace quell {

// Shannon entropy in bits a byte: 0 for a constant, 8 for noise. 0 for no bytes.
double entropy(Bytes bytes) noexcept;

}  // namespace quell
