// SPDX-License-Identifier: GPL-2.0-or-later
// The places the status registers of an Intel engine can be read from.
#pragma once

#include "host/pci.h"
#include "host/smbios.h"
#include "intel/live/hfsts.h"

namespace quell::intel::live {

// Configuration space, live; nothing and an attempt in `engine` when it is not readable.
std::optional<RegisterReading> registers_from_pci(const host::Root& root, const host::PciFunction& function,
                                                  const Generation& generation, EngineStatus& engine);
// The last set of registers the driver printed for the function at this address.
std::optional<RegisterReading> registers_from_log(const host::Root& root, std::string_view address,
                                                  EngineStatus& engine);
// What the firmware saw when it built the SMBIOS table.
std::optional<RegisterReading> registers_from_smbios(const host::SmbiosEngine& smbios);

// Adds a finding when the two best live readings contradict each other.
void compare_readings(EngineStatus& engine);

}  // namespace quell::intel::live
