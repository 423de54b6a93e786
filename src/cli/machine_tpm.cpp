// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/machine_tpm.h"

#include "host/sections.h"
#include "quell/host/root.h"

namespace quell::cli {

void add_machine_options(const Command& command, MachineChoice& choice) {
  command.flag("--this-machine", choice.this_machine,
               "the image is for the running machine: ask before its firmware TPM is lost");
  command.option("--root", choice.root, "the image is for the machine of this capture (`quell capture`)");
}

void ask_this_machine(MachineChoice& choice) {
  if (choice.this_machine) choice.tpm_is_ptt = host::tpm_is_ptt(*host::live_root());
}

Result<void> refuse_tpm_loss(const MachineChoice& choice, Overrides accepted) {
  if (accepted.has(Override::tpm_loss) || (!choice.this_machine && choice.root.empty())) return {};
  bool is_ptt = choice.tpm_is_ptt.value_or(false);
  if (!choice.root.empty()) {
    QUELL_TRY(const auto root, host::open_root(choice.root));
    is_ptt = host::tpm_is_ptt(*root);
  }
  if (!is_ptt) return {};
  return refuse(
      "the TPM of this machine is the engine's (Intel PTT): switched off, it loses its keys for good, and disks that "
      "are unlocked through it stay locked; have the recovery keys at hand",
      {Override::tpm_loss});
}

}  // namespace quell::cli
