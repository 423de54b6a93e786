// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "spi/advise.h"

namespace quell::report::chip {

// What this machine allows to be written from within, with what that rests on.
std::string advice_text(const spi::Advice& advice);
std::string advice_json(const spi::Advice& advice);

}  // namespace quell::report::chip
