// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "intel/manifest.h"

namespace quell::intel {

// The SKU of generation 1 and 2 firmware, from the capability word of the $SKU record behind the manifest's module
// headers and data/intel-me-skus.csv; of TXE 0 and 1 with the model that the key is for. Nothing where the record or
// the row is missing.
std::optional<std::string> sku_of(const Manifest& manifest, std::string_view family);

}  // namespace quell::intel
