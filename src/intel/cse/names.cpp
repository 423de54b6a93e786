// SPDX-License-Identifier: GPL-2.0-or-later
// Names that stand in tables.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/table.h"
#include "data/intel-cse-extensions.h"
#include "data/intel-cse-key-roles.h"
#include "intel/cse/extensions.h"

namespace quell::intel {
namespace {

// The titles of a table by the numbers in one of its columns.
template <class Facts>
std::map<unsigned, std::string> titles_by(Facts facts,
                                          std::type_identity_t<NumberColumn<Facts, unsigned, true>> column) {
  std::map<unsigned, std::string> out;
  for (const auto row : Table(facts)) out.emplace(row.number(column), row["title"]);
  return out;
}

}  // namespace

std::string extension_title(std::uint32_t tag) {
  static const auto titles = titles_by(data::intel_cse_extensions, "tag");
  const auto found = titles.find(tag);
  return found == titles.end() ? fmt::format("extension {:#04x}", tag) : found->second;
}

std::string key_role_title(unsigned role) {
  static const auto titles = titles_by(data::intel_cse_key_roles, "role");
  const auto found = titles.find(role);
  return found == titles.end() ? fmt::format("role {}", role) : found->second;
}

std::vector<unsigned> key_roles_of(std::string_view partition) {
  static const Table table(data::intel_cse_key_roles);
  std::vector<unsigned> roles;
  for (const auto row : table) {
    const auto partitions = row.list("partitions");
    if (std::ranges::find(partitions, partition) != partitions.end()) roles.push_back(row.number("role"));
  }
  return roles;
}

}  // namespace quell::intel
