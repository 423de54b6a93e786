// SPDX-License-Identifier: GPL-2.0-or-later
// How the command line words what a user can insist on.
#pragma once

#include <string>

#include "quell/result.h"
#include "report/override_options.h"

namespace quell::cli {

using report::option_of;
using report::override_options;
using report::OverrideOption;

// What the help says of its option.
std::string help_of(Override override_);

// "; insist with --accept-boot-guard" or " The option is --chip NAME.", as the message ends, where `offered`, the
// options of the command that failed, lift the refusal.
std::string insist_with(const Error& error, Overrides offered);

}  // namespace quell::cli
