// SPDX-License-Identifier: GPL-2.0-or-later
// Every byte of a descriptor's first 4 KiB set to 00, FF and inverted, one at a time, through the commands that read
// and change descriptors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "campaign/bases.h"
#include "campaign/damage.h"

namespace quell::campaign {

// Five descriptors of as many generations: real ones where `shared` holds them, else those of the specimens.
std::vector<Base> descriptors(const std::string& shared);

// Descriptors x 4096 bytes x 3 values x 4 commands.
std::uint64_t descriptor_trial_count(const std::vector<Base>& bases);
// The damaged descriptor of one trial, and the command in its description.
Variant descriptor_variant(const std::vector<Base>& bases, std::uint64_t number);

// Runs the trial's command. What went wrong: a crash, a status without one message, an output after a failure, a
// changed input, or an output in which anything but what was asked for has changed or that is worse than its input.
std::optional<std::string> try_descriptor(const std::vector<Base>& bases, std::uint64_t number,
                                          const std::string& program, const std::string& folder);

}  // namespace quell::campaign
