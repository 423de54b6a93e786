// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "base/csv.h"
#include "data/hfsts-verdict-rules.h"
#include "data/host-verdicts.h"
#include "host/number.h"
#include "quell/host/hfsts.h"

namespace quell::host {
namespace {

// A column of a rule: empty matches everything.
bool matches(std::string_view wanted, std::uint32_t value) {
  return wanted.empty() || parse_decimal(wanted) == std::optional<std::uint64_t>(value);
}

bool rule_matches(const Table::Row& rule, std::uint32_t hfsts1) {
  const std::string_view whole = rule["hfsts1"];
  if (!whole.empty() && parse_hex(whole) != std::optional<std::uint64_t>(hfsts1)) return false;
  return matches(rule["working_state"], bits(hfsts1, 3, 0)) && matches(rule["operation_mode"], bits(hfsts1, 19, 16)) &&
         matches(rule["init_complete"], bits(hfsts1, 9, 9)) && matches(rule["error"], bits(hfsts1, 15, 12)) &&
         matches(rule["fpt_bad"], bits(hfsts1, 5, 5));
}

}  // namespace

const std::vector<Verdict>& verdicts() {
  static const std::vector<Verdict> all = [] {
    const Table table(data::host_verdicts);
    std::vector<Verdict> out;
    for (std::size_t i = 0; i < table.size(); ++i) {
      const Table::Row row = table.row(i);
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

const Verdict& judge(const Registers& registers, const Generation& generation) {
  if (!registers[0]) return verdict("unknown");
  static const Table rules(data::hfsts_verdict_rules);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Table::Row rule = rules.row(i);
    if (!rule_matches(rule, *registers[0])) continue;
    // From SPS 5 on the mode no longer says SPS; the SKU in HFSTS3 does (CSME 12 and later hardware).
    const bool server =
        generation.kind == "me" && generation.from >= 12 && registers[2] && bits(*registers[2], 6, 4) == 6;
    if (server && rule["verdict"] == "running") return verdict("sps-running");
    if (server && rule["verdict"] == "recovery") return verdict("sps-recovery");
    return verdict(rule["verdict"]);
  }
  return verdict("unknown");
}

bool hap_is_certain(const Registers& registers, const Generation& generation) {
  if (!registers[0]) return false;
  if (generation.from >= 11) return bits(*registers[0], 3, 0) == 4 && bits(*registers[0], 15, 12) == 2;
  if (generation.to > 10 || !registers[1]) return false;
  const std::uint32_t state = bits(*registers[1], 23, 16);
  return state == 0x0A || state == 0x4D;
}

}  // namespace quell::host
