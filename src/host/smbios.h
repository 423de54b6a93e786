// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "model/firmware_version.h"
#include "quell/byte_view.h"
#include "quell/host/fact.h"

namespace quell::host {

// What UEFI firmware wrote into the SMBIOS table about the engine while it built the table: a boot snapshot.
struct SmbiosEngine {
  // One component of the $MEI record: 1 is device 22 function 0, 2 function 1, 3 function 4.
  struct Component {
    unsigned number = 0;
    bool present = false;  // false: all registers read as ones, the function was not there
    Registers registers{};
  };
  std::vector<Component> components{};
  std::vector<Version> versions{};  // the record's; 255.255.255.65535 (no answer) is left out
  bool version_unanswered = false;  // the firmware got no answer from the engine
};

// Reads a table of SMBIOS structures (/sys/firmware/dmi/tables/DMI). Structures that are cut off or too short for
// their count are passed over.
SmbiosEngine read_smbios(ByteView table);

// Whether the table holds a structure of this type.
bool has_structure(ByteView table, std::uint8_t type);

// The same table with only those structures in it that read_smbios looks at and those of type 38 (IPMI): no serial
// numbers, no UUID.
Buffer reduce_smbios(ByteView table);

}  // namespace quell::host
