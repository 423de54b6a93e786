// SPDX-License-Identifier: GPL-2.0-or-later
// The real BIOS images beside the project, and what was recorded of them.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "quell/byte_view.h"

namespace quell::test {

// The whole of ../shared/oracle/uefi.json.
const nlohmann::json& uefi_oracle();

// An image of ../shared/corpus/uefi/bios, or of the folder above it, unpacked.
Buffer bios_image(const std::string& name);

}  // namespace quell::test
