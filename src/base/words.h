// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers as people say them, and words as people mistype them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace quell {

// "1 byte", "3 bytes": for nouns that take an s.
std::string count_text(std::uint64_t count, std::string_view noun);

// "16 MiB", "4 KiB", "100 bytes": the largest unit that divides it.
std::string size_text(std::uint64_t bytes);

// How many letters must be changed, added or left out until both are the same.
std::size_t letters_apart(std::string_view a, std::string_view b);

}  // namespace quell
