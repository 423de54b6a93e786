// SPDX-License-Identifier: GPL-2.0-or-later
// DER elements (X.690) put together by hand.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "quell/byte_view.h"

namespace quell::specimen {

Buffer joined(std::initializer_list<Buffer> parts);
// One element; lengths up to 64 KiB.
Buffer der(std::uint8_t tag, Bytes content);

}  // namespace quell::specimen
