// SPDX-License-Identifier: GPL-2.0-or-later
// What stands beside the engines of a live machine.
#pragma once

#include "host/machine.h"
#include "quell/host/fact.h"

namespace quell::host {

Section collect_tpm(const Root& root, bool ask);
// Whether a TPM of the machine is Intel's firmware TPM, by what it says of its manufacturer.
bool tpm_is_ptt(const Root& root);
Section collect_secure_boot(const Root& root, const Machine& machine);
Section collect_lockdown(const Root& root);
// Which operating system it is and what of it talks to an engine; with `deep` whether disks are unlocked by the TPM, as
// far as crypttab tells. Opens no block device.
Section collect_system(const Root& root, bool deep);

}  // namespace quell::host
