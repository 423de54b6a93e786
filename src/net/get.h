// SPDX-License-Identifier: GPL-2.0-or-later
// One HTTP(S) GET through the module quell-net. For src/intel/amt/ only.
#pragma once

#include <chrono>
#include <string>

#include "quell/result.h"

namespace quell::amt {

// The head of the response; Errc::unsupported when the module is not installed.
Result<std::string> get_head(const std::string& url, std::chrono::milliseconds timeout);

}  // namespace quell::amt
