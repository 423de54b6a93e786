// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "amd/firmware.h"

namespace quell::amd {

// Decides for every anti-rollback table whether its numbers are entry types or firmware IDs; nothing in the table says
// so. The reading that names more of the entries of the same slot is taken.
void settle_spl_identities(Rom& rom);

}  // namespace quell::amd
