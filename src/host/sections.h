// SPDX-License-Identifier: GPL-2.0-or-later
// What stands beside the engines of a live machine.
#pragma once

#include "host/machine.h"
#include "quell/host/fact.h"

namespace quell::host {

Section collect_tpm(const Root& root, bool ask);
Section collect_secure_boot(const Root& root, const Machine& machine);
Section collect_lockdown(const Root& root);

}  // namespace quell::host
