// SPDX-License-Identifier: GPL-2.0-or-later
// --fail-on SEVERITY, the same for every command that has it.
#pragma once

#include <optional>
#include <string>

#include "cli/options.h"
#include "quell/finding.h"

namespace quell::cli {

void add_fail_on(const Command& command, std::string& severity);
// What was given; nothing for an empty word.
std::optional<Severity> severity_of(std::string_view word);

}  // namespace quell::cli
