// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "quell/intel/clean.h"

namespace quell::compat {

// A command line of me_cleaner 1.2.
struct MeCleanerOptions {
  std::string input{};
  std::optional<std::string> output{};             // -O; in place without it
  std::optional<std::string> descriptor_output{};  // -D
  std::optional<std::string> me_output{};          // -M
  bool check_only = false;                         // -c
  bool soft_disable_only = false;                  // -s
  intel::CleanOptions clean{};
};

// What the command line asks for: a run, or this exit status at once (help, version, a mistake; already reported).
std::variant<MeCleanerOptions, int> parse_me_cleaner(std::span<char* const> arguments);

}  // namespace quell::compat
