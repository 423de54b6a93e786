// SPDX-License-Identifier: GPL-2.0-or-later
// What `quell amt` and `quell net` found, for people and for machines.
#pragma once

#include <string>

#include "intel/amt/probe.h"
#include "net/redfish.h"
#include "net/rmcp.h"
#include "report/text.h"

namespace quell::report {

// JSON document of schema quell/2, command "amt".
std::string to_json(const intel::amt::Exposure& exposure);

// What else a host may answer with: a management controller.
struct Controller {
  net::Presence ipmi{};
  net::Redfish redfish{};
  std::uint16_t ipmi_port = 623, redfish_port = 443;
};
// The same for command "net", with both together.
std::string to_json(const intel::amt::Exposure& exposure, const Controller& controller);
std::string to_text(const intel::amt::Exposure& exposure, const Controller& controller, const TextStyle& style);

// A page of text; verbosity -1 gives the verdict alone.
std::string to_text(const intel::amt::Exposure& exposure, const TextStyle& style);

}  // namespace quell::report
