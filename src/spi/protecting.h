// SPDX-License-Identifier: GPL-2.0-or-later
// The chip's own write protection around a job: refused, lifted when the user says so, and always put back.
#pragma once

#include "spi/access.h"
#include "spi/block_plan.h"
#include "spi/journal.h"

namespace quell::spi {

// Whether the units can be written under this protection; Override::protection lets it be lifted where that is
// possible.
Result<void> judge_protection(const Protection& protection, const BlockPlan& plan, Overrides accepted);

// Lifts it in a worker of its own and notes the old setting in the journal first. Does nothing without protection.
Result<void> lift_protection(ChipAccess& access, Journal& journal, const Protection& before);

// Puts back what the journal says was there before the job, if something was; `records` are those of the whole job.
Result<void> put_protection_back(ChipAccess& access, Journal& journal, const std::vector<Record>& records);

// The payload of a "snapshot" record, and its reading.
std::string snapshot_text(const Protection& protection);
std::optional<Protection> parse_snapshot(std::string_view text);

}  // namespace quell::spi
