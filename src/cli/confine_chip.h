// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "cli/chip_options.h"

namespace quell::cli {

// For what talks to a chip through workers, once the programmer is locked and the vault is there. Every conversation is
// a worker of its own, so that program alone can still be started; it gives up more when its programmer is open. Beside
// the vault (empty: none) only `outputs` and an emulated chip's image are written.
void confine_chip(const Session& session, const spi::Programmer& programmer, const std::string& vault,
                  const std::vector<std::string>& outputs = {});

}  // namespace quell::cli
