// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "base/bits.h"
#include "data/hfsts-verdict-rules.h"
#include "engine/verdict_words.h"
#include "intel/live/hfsts.h"

namespace quell::intel::live {

using namespace host;

namespace {

using Rule = Row<data::HfstsVerdictRules>;

// An empty cell of a rule matches everything.
bool rule_matches(const Rule& rule, std::uint32_t hfsts1) {
  const auto matches = [hfsts1, &rule](NumberColumn<data::HfstsVerdictRules, unsigned, false> column, unsigned high,
                                       unsigned low) {
    const std::uint32_t value = bits(hfsts1, high, low);
    return rule.optional_number(column).value_or(value) == value;
  };
  return matches("hfsts1", 31, 0) && matches("working_state", 3, 0) && matches("operation_mode", 19, 16) &&
         matches("init_complete", 9, 9) && matches("error", 15, 12) && matches("fpt_bad", 5, 5);
}

}  // namespace

Verdict judge(const Registers& registers, const Generation& generation) {
  if (!registers[0]) return Verdict::unknown;
  static const Table rules(data::hfsts_verdict_rules);
  for (const Rule rule : rules) {
    if (!rule_matches(rule, *registers[0])) continue;
    const Verdict verdict = rule.choice<verdict_words>("verdict");
    // From SPS 5 on the mode no longer says SPS; the SKU in HFSTS3 does (CSME 12 and later hardware).
    const bool server =
        generation.kind == Product::me && generation.from >= 12 && registers[2] && bits(*registers[2], 6, 4) == 6;
    if (server && verdict == Verdict::running) return Verdict::sps_running;
    if (server && verdict == Verdict::recovery) return Verdict::sps_recovery;
    return verdict;
  }
  return Verdict::unknown;
}

bool hap_is_certain(const Registers& registers, const Generation& generation) {
  if (!registers[0]) return false;
  if (generation.from >= 11) return bits(*registers[0], 3, 0) == 4 && bits(*registers[0], 15, 12) == 2;
  if (generation.to > 10 || !registers[1]) return false;
  const std::uint32_t state = bits(*registers[1], 23, 16);
  return state == 0x0A || state == 0x4D;
}

}  // namespace quell::intel::live
