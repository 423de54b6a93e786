// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "quell/byte_view.h"

namespace quell {

// RFC 4648 with padding, in one line.
std::string base64(Bytes bytes);

// The bytes of such a text; what is no digit of it ends the text.
std::string bytes_of_base64(std::string_view text);

}  // namespace quell
