// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "base/table.h"
#include "data/host-verdicts.h"
#include "quell/engine_status.h"

namespace quell {

const std::vector<Verdict>& verdicts() {
  static const std::vector<Verdict> all = [] {
    std::vector<Verdict> out;
    for (const auto row : Table(data::host_verdicts)) {
      out.push_back({std::string(row["verdict"]), std::string(row["title"]), std::string(row["meaning"]),
                     std::string(row["evidence"]), std::string(row["advice"]), std::string(row["counts_as_disabled"])});
    }
    return out;
  }();
  return all;
}

const Verdict& verdict(std::string_view id) {
  const auto& all = verdicts();
  const auto found = std::find_if(all.begin(), all.end(), [id](const Verdict& one) { return one.id == id; });
  return found != all.end() ? *found : all.back();
}

void set_verdict(EngineStatus& engine, std::string_view id, std::string_view certainty) {
  const Verdict& words = verdict(id);
  engine.verdict = words.id;
  engine.verdict_title = words.title;
  engine.meaning = words.meaning;
  engine.certainty = certainty;
  engine.counts_as_disabled = words.counts_as_disabled;
  engine.advice = words.advice;
}

}  // namespace quell
