// SPDX-License-Identifier: GPL-2.0-or-later
#include <map>

#include "base/table.h"
#include "data/engines.h"
#include "quell/engine.h"

namespace quell {

std::span<const Statement> Engine::explain() const {
  static const Table table(data::engines);
  static const auto all = [] {
    std::map<std::string_view, std::vector<Statement>> by_engine;
    for (const auto row : table) {
      by_engine[row["engine"]].push_back({row["question"], row["short"], row["long"], row["strength"], row["source"]});
    }
    return by_engine;
  }();
  const auto found = all.find(id());
  if (found == all.end()) return {};
  return found->second;
}

}  // namespace quell
