// SPDX-License-Identifier: GPL-2.0-or-later
// The places the status registers of an Intel engine can be read from. For src/host/ only.
#pragma once

#include "host/collect.h"

namespace quell::host {

// Configuration space, live; nothing and an attempt in `engine` when it is not readable.
std::optional<RegisterReading> registers_from_pci(const Root& root, const PciFunction& function,
                                                  const Generation& generation, EngineStatus& engine);
// The last set of registers the driver printed for the function at this address.
std::optional<RegisterReading> registers_from_log(const Root& root, std::string_view address, EngineStatus& engine);
// What the firmware saw when it built the SMBIOS table.
std::optional<RegisterReading> registers_from_smbios(const SmbiosEngine& smbios);

// Adds a finding when the two best live readings contradict each other.
void compare_readings(EngineStatus& engine);

}  // namespace quell::host
