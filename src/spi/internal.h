// SPDX-License-Identifier: GPL-2.0-or-later
// Jobs on the chip of the machine the program runs on: what the machine allows decides before anything is written.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "flash/host_access.h"
#include "spi/access.h"
#include "spi/block_plan.h"

namespace quell::spi {

// What the machine allows, from its registers and from these first bytes of its chip (empty where they cannot be read).
// The caller gives it: looking at a machine is no affair of this room.
using LookAtRights = std::function<flash::HostAccess(ByteView start)>;

// What `look` says of the chip's first block. Refused when neither that nor the machine's registers tell which parts of
// the chip can be read at all.
Result<flash::HostAccess> look_from_within(ChipAccess& access, const LookAtRights& look);

// Refused when a block of the plan may not be written by the host, or when that could not be told and
// Override::internal is not accepted.
Result<void> judge_internal(const BlockPlan& plan, const flash::HostAccess& advice, Overrides accepted);

// "me (0x3000-0x5fffff)", joined by commas.
std::string names_of(const std::vector<NamedRange>& ranges);

}  // namespace quell::spi
