// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/manageability.h"

#include <array>

#include <fmt/format.h>

#include "base/table.h"
#include "data/intel-manageability.h"
#include "intel/cse/report.h"
#include "intel/sku.h"

namespace quell::intel {
namespace {

constexpr std::array product_words{Word{"ME", Product::me}, Word{"TXE", Product::txe}, Word{"SPS", Product::sps}};
constexpr std::array stack_words{Word{"present", Manageability::Stack::present},
                                 Word{"none", Manageability::Stack::none}};

Product product_of(CseFamily family) {
  switch (family) {
    case CseFamily::csme: break;
    case CseFamily::cstxe: return Product::txe;
    case CseFamily::cssps: return Product::sps;
  }
  return Product::me;
}

}  // namespace

Manageability manageability_of(Product product, Generation generation, const std::optional<std::string>& sku) {
  for (const auto row : Table(data::intel_manageability)) {
    const bool kind =
        row.choice<product_words>("family") == product && row.number("generation") == static_cast<unsigned>(generation);
    const bool any = row["sku"].empty();
    if (kind && (any || (sku && sku->starts_with(row["sku"]))))
      return {.stack = row.choice<stack_words>("stack"), .reason = std::string(row["what"])};
  }
  return {.reason = sku ? fmt::format("nothing is known of firmware of the kind \"{}\"", *sku)
                        : "the firmware does not say of which kind it is"};
}

Manageability manageability_of(const MeRegion& me) {
  return manageability_of(me.product, me.generation, sku_of(me.manifest, me.family()));
}

Manageability manageability_of(const CseImage& cse) {
  return manageability_of(product_of(cse.family), Generation::third, sku_of(cse));
}

}  // namespace quell::intel
