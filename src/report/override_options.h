// SPDX-License-Identifier: GPL-2.0-or-later
// How the program words what a user can insist on: what lies below the reports knows no options.
#pragma once

#include <span>
#include <string_view>

#include "quell/override.h"

namespace quell::report {

struct OverrideOption {
  Override lifts;
  std::string_view option;  // "--accept-boot-guard"
  std::string_view help;
  std::string_view rest{};  // what follows the option: "NAME"; a command offers such an option by itself
  bool fact = false;        // the user says what is so: nothing is insisted on
};
// Every option that lifts a refusal of the library, whichever command offers it.
std::span<const OverrideOption> override_options() noexcept;

// Its row; nullptr for what no command offers.
const OverrideOption* override_option(Override override_) noexcept;
// "--accept-boot-guard"; empty for what no command offers.
std::string_view option_of(Override override_) noexcept;

}  // namespace quell::report
