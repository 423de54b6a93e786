// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/live_states.h"

#include <algorithm>
#include <map>
#include <vector>

#include "data/host-verdicts.h"
#include "engine/verdict_words.h"

namespace quell {
namespace {

constexpr std::array state_words{Word{"stripped", EngineState::stripped}, Word{"disabled", EngineState::disabled}};

}  // namespace

std::span<const EngineState> states_of(Verdict verdict) {
  static const auto all = [] {
    std::map<Verdict, std::vector<EngineState>> out;
    for (const auto row : Table(data::host_verdicts)) {
      std::vector<EngineState>& states = out[row.choice<verdict_words>("verdict")];
      for (const std::string_view word : row.list("states"))
        states.push_back(std::ranges::find(state_words, word, &Word<EngineState>::word)->meaning);
    }
    return out;
  }();
  const auto found = all.find(verdict);
  return found == all.end() ? std::span<const EngineState>() : std::span<const EngineState>(found->second);
}

}  // namespace quell
