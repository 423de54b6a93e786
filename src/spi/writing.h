// SPDX-License-Identifier: GPL-2.0-or-later
// The one place where a chip is written: unit by unit, each with its own read-back, each in the journal before and
// after.
#pragma once

#include "spi/access.h"
#include "spi/block_plan.h"
#include "spi/journal.h"

namespace quell::spi {

struct WriteTask {
  Bytes present{};  // what the chip was read to hold, in this job
  Bytes goal{};     // what it is to hold
  std::uint64_t unit_size = default_unit;
  std::vector<std::uint64_t> units{};  // in order
};

// Brings the units to the goal. On an error the message says how far it came; the journal says it too. Units that hold
// the goal already are skipped.
Result<void> write_units(ChipAccess& access, Journal& journal, const WriteTask& task);

}  // namespace quell::spi
