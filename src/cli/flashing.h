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

// Runs one writing job and prints its plan and outcome.
Result<void> run_flash(FlashArguments& arguments, ChipSession& chip, spi::Vault& vault, Buffer target,
                       const Session& session);

}  // namespace quell::cli
