// SPDX-License-Identifier: GPL-2.0-or-later
// How the command line words what a user can insist on: the library knows no options.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "quell/result.h"

namespace quell::cli {

struct OverrideOption {
  Override lifts;
  std::string_view option;  // "--accept-boot-guard"
  std::string_view help;
};
// Every option that lifts a refusal of the library, whichever command offers it.
std::span<const OverrideOption> override_options() noexcept;

// "--accept-boot-guard"; empty for what no command offers.
std::string_view option_of(Override override_) noexcept;

// "; insist with --accept-boot-guard", where `offered`, the options of the command that failed, lift the refusal.
std::string insist_with(const Error& error, Overrides offered);

}  // namespace quell::cli
