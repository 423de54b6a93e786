// SPDX-License-Identifier: GPL-2.0-or-later
// What is printed on a chip against the names that the library has for it: "MX25L6436EM2I-10G" is an MX25L6436E.
#pragma once

#include <string_view>
#include <vector>

#include "spi/chip.h"

namespace quell::spi {

// How many characters of the marking the best of a definition's names covers; 0 when none fits. Names are lists with
// slashes ("MX25U6435E/F"), '.' stands for any character, case does not count, and what a name says of the package
// (behind a dash, in parentheses) is not looked at.
std::size_t covers(std::string_view definition, std::string_view marking);

// The definitions that cover most of the marking; empty when none fits.
std::vector<ChipDefinition> fitting(const std::vector<ChipDefinition>& definitions, std::string_view marking);

// Whether a marking is in the table of 1.8 V parts.
bool marked_as_low_voltage(std::string_view name);

}  // namespace quell::spi
