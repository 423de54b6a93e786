// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "intel/cse/image.h"
#include "intel/me_region.h"
#include "quell/answers.h"

namespace quell::intel {

// Whether firmware of this kind and SKU holds AMT or another network stack (data/intel-manageability.csv).
Manageability manageability_of(Product product, Generation generation, const std::optional<std::string>& sku);
Manageability manageability_of(const MeRegion& me);
Manageability manageability_of(const CseImage& cse);

}  // namespace quell::intel
