// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "quell/host/root.h"

namespace quell::host {

// One command over /dev/<device> and its answer, completion code first; 2 s. Only commands that read are ever passed:
// Get Device ID and Get LAN Configuration Parameters.
Reading ipmi_exchange(const std::string& device, std::uint8_t function, std::uint8_t command, Bytes data);

// The path of such an exchange (see Root): /quell/ipmi/<device>/<network function, command and data in hex>.
std::string ipmi_path(std::string_view device, std::uint8_t function, std::uint8_t command, Bytes data);

}  // namespace quell::host
