// SPDX-License-Identifier: GPL-2.0-or-later
// What `flash`, `restore` and `guide` share.
#pragma once

#include "cli/chip_options.h"

namespace quell::cli {

struct FlashArguments {
  ChipOptions chip{};
  spi::FlashOptions flash{};
  bool hints = true;     // say what to do next
  Overrides accepted{};  // tpm_loss
};

void add_flash_options(const Command& command, FlashArguments& arguments);

// What add_flash_options() lets a user say to a refusal.
inline constexpr Overrides flash_overrides =
    read_overrides | Overrides{Override::tpm_loss, Override::confirmation, Override::protection,
                               Override::untested_chip, Override::unknown_content};

// Where the chip is this machine's own: finds out and says what the machine lets its system read and write, and what
// endangers the job; `reading` then leaves out what may not be read. Nothing is done for other programmers.
Result<std::optional<flash::HostAccess>> look_from_within(ChipSession& chip, spi::ReadOptions& reading);

// Runs one writing job and prints its plan and outcome.
Result<void> run_flash(FlashArguments& arguments, ChipSession& chip, spi::Vault& vault, Buffer target,
                       const Session& session);

}  // namespace quell::cli
