// SPDX-License-Identifier: GPL-2.0-or-later
// One HTTP(S) GET through the module quell-net. For engines that answer over the network.
#pragma once

#include <chrono>
#include <string>

#include "quell/result.h"

namespace quell::net {

// Loads the module now, so that requests open no file. Where it is not installed they say so.
void load_module();

// The head of the response; Errc::unsupported when the module is not installed, Errc::unrecognised when somebody
// listens there and sends none.
Result<std::string> get_head(const std::string& url, std::chrono::milliseconds timeout);

}  // namespace quell::net
