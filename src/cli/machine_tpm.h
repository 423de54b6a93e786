// SPDX-License-Identifier: GPL-2.0-or-later
// Which machine a changed image is for, where somebody says so.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"

namespace quell::cli {

struct MachineChoice {
  std::string root{};                // a captured tree
  bool this_machine = false;         // the running one
  std::optional<bool> tpm_is_ptt{};  // of the running one, once it was asked
};

// --this-machine and --root.
void add_machine_options(const Command& command, MachineChoice& choice);

// Asks the running machine, where it was chosen, for its TPM: before the sandbox, which bars the devices for it.
void ask_this_machine(MachineChoice& choice);

// Refuses where that machine's TPM is the engine's (Intel PTT) and the loss of its contents was not accepted.
Result<void> refuse_tpm_loss(const MachineChoice& choice, Overrides accepted);

}  // namespace quell::cli
