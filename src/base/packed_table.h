// SPDX-License-Identifier: GPL-2.0-or-later
// Tables that are packed inside the program, where its size counts (the page).
#pragma once

#include <cstddef>
#include <string_view>

namespace quell {

// The text of a table: `size` characters, from gzip's bytes. Lives as long as the program; ends it where the bytes are
// not what the build made.
std::string_view unpacked_table(std::string_view packed, std::size_t size);

}  // namespace quell
