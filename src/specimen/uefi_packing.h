// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "specimen/uefi.h"

namespace quell::specimen {

// The packed bytes, with their header.
Buffer pack(UefiPacking packing, Bytes plain);
// The GUID of a GUID-defined section that holds them.
std::string_view packing_guid(UefiPacking packing);

}  // namespace quell::specimen
