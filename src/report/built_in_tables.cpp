// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/built_in_tables.h"

namespace quell::report {

doc::Value tables_of(std::span<const BuiltIn::Table> tables) {
  doc::Value::List out;
  for (const BuiltIn::Table& table : tables) {
    doc::Value::Object one{{"name", table.name}, {"sha256", table.sha256}};
    if (!table.date.empty()) one.push_back({"date", table.date});
    out.emplace_back(std::move(one));
  }
  return out;
}

}  // namespace quell::report
