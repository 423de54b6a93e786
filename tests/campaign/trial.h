// SPDX-License-Identifier: GPL-2.0-or-later
// What is done with one damaged variant, and what must hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "campaign/damage.h"

namespace quell::campaign {

// Everything that inspect, check and clean do, on bytes that nobody may write and that end at forbidden memory. Returns
// what went wrong, in words; nothing when all held. (A crash or a hang is the supervisor's to see.)
std::optional<std::string> try_library(const Variant& variant, std::uint64_t number);

// The same through the program: exit statuses from the list, one message, no output after failure, input unchanged.
std::optional<std::string> try_program(const Variant& variant, const std::string& program, const std::string& folder);

}  // namespace quell::campaign
