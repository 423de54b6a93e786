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

Result<void> refuse_tpm_loss(const MachineChoice& choice, Overrides accepted) {
  if (accepted.has(Override::tpm_loss) || (!choice.this_machine && choice.root.empty())) return {};
  QUELL_TRY(const auto root, choice.root.empty() ? Result<std::unique_ptr<host::Root>>(host::live_root())
                                                 : host::open_root(choice.root));
  if (!host::tpm_is_ptt(*root)) return {};
  return refuse(
      "the TPM of this machine is the engine's (Intel PTT): switched off, it loses its keys for good, and disks that "
      "are unlocked through it stay locked; have the recovery keys at hand",
      {Override::tpm_loss});
}

}  // namespace quell::cli
