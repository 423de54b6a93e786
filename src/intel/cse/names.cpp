// SPDX-License-Identifier: GPL-2.0-or-later
// Names that stand in tables.
#include <map>

#include <fmt/format.h>

#include "base/csv.h"
#include "data/intel-cse-extensions.h"
#include "data/intel-cse-key-roles.h"
#include "quell/intel/cse/extensions.h"

namespace quell::intel {
namespace {

using Names = std::map<unsigned long, std::string>;

Names read_names(std::string_view csv, std::string_view number) {
  Names out;
  const Table table(csv);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto row = table.row(i);
    out.emplace(std::stoul(std::string(row[number]), nullptr, 0), row["title"]);
  }
  return out;
}

}  // namespace

std::string extension_title(std::uint32_t tag) {
  static const Names names = read_names(data::intel_cse_extensions, "tag");
  const auto found = names.find(tag);
  return found == names.end() ? fmt::format("extension {:#04x}", tag) : found->second;
}

std::string key_role_title(unsigned role) {
  static const Names names = read_names(data::intel_cse_key_roles, "role");
  const auto found = names.find(role);
  return found == names.end() ? fmt::format("role {}", role) : found->second;
}

std::vector<unsigned> key_roles_of(std::string_view partition) {
  static const Table table(data::intel_cse_key_roles);
  std::vector<unsigned> roles;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.row(i)["partitions"].find(partition) == std::string_view::npos || partition.size() != 4) continue;
    roles.push_back(static_cast<unsigned>(std::stoul(std::string(table.row(i)["role"]))));
  }
  return roles;
}

}  // namespace quell::intel
