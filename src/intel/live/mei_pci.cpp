// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/live/mei_pci.h"

#include "base/table.h"
#include "data/mei-pci-ids.h"

namespace quell::intel::live {
namespace {

constexpr std::array kind_words{Word{"me", std::optional(Product::me)}, Word{"txe", std::optional(Product::txe)},
                                Word{"sps", std::optional(Product::sps)}, Word{"ie", std::optional<Product>()},
                                Word{"none", std::optional<Product>()}};

MeiPciId id_of(const Row<data::MeiPciIds>& row) {
  MeiPciId id;
  id.platform = row["platform"];
  for (const std::string_view family : row.list("families")) id.families.emplace_back(family);
  id.generation = row["generation"];
  id.kind = row.choice<kind_words>("kind");
  id.major_from = row.optional_number("major_from").value_or(0);
  id.major_to = row.optional_number("major_to").value_or(99);
  id.function = row["function"];
  id.host_interface = row.is({"role", "host"});
  id.certain = row.is({"certainty", "confirmed"});
  return id;
}

}  // namespace

std::optional<MeiPciId> identify_mei(std::uint16_t vendor, std::uint16_t device) {
  static const Table table(data::mei_pci_ids);
  for (const auto row : table) {
    if (row.number("device") == device && row.number("vendor") == vendor) return id_of(row);
  }
  return std::nullopt;
}

}  // namespace quell::intel::live
