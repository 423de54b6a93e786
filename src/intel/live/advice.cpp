// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/live/advice.h"

#include <algorithm>

#include "data/host-options.h"
#include "engine/verdict_words.h"
#include "intel/disable_bit.h"

namespace quell::intel::live {
namespace {

enum class Place { confirmed, reported, conflicting, unknown, unidentified };
enum class GuardUse { off, in_use, unknown };

constexpr std::array place_words{Word{"", std::optional<Place>()},
                                 Word{"confirmed", std::optional(Place::confirmed)},
                                 Word{"reported", std::optional(Place::reported)},
                                 Word{"conflicting", std::optional(Place::conflicting)},
                                 Word{"unknown", std::optional(Place::unknown)},
                                 Word{"unidentified", std::optional(Place::unidentified)}};
constexpr std::array guard_words{Word{"", std::optional<GuardUse>()}, Word{"off", std::optional(GuardUse::off)},
                                 Word{"in-use", std::optional(GuardUse::in_use)},
                                 Word{"unknown", std::optional(GuardUse::unknown)}};
constexpr std::array flash_words{Word{"own", false}, Word{"t2", true}};

std::string_view kind_word(Product kind) noexcept {
  switch (kind) {
    case Product::me: break;
    case Product::txe: return "txe";
    case Product::sps: return "sps";
  }
  return "me";
}

Place place_of(Evidence evidence) noexcept {
  switch (evidence) {
    case Evidence::confirmed: return Place::confirmed;
    case Evidence::reported: return Place::reported;
    case Evidence::conflicting: return Place::conflicting;
    case Evidence::unknown: break;
  }
  return Place::unknown;
}

// Boot Guard came with Haswell, whose engine is ME 9. Stripping is refused also where it only measures.
GuardUse guard_use(const Situation& situation) noexcept {
  if (situation.generation.to <= 8) return GuardUse::off;
  if (situation.boot_guard.summary.empty()) return GuardUse::unknown;
  return situation.boot_guard.profile == 0U ? GuardUse::off : GuardUse::in_use;
}

// What is known of the place of the disable bit.
struct Known {
  Place place = Place::unidentified;
  std::string chipset{};
};

Known known_of(const Situation& situation) {
  if (situation.families.empty()) return {};
  const KnownPlace known = known_place(situation.families, situation.firmware);
  return {place_of(known.evidence), known.chipset};
}

std::string filled(std::string_view text, std::string_view chipset) {
  constexpr std::string_view placeholder = "{chipset}";
  std::string out(text);
  if (const auto at = out.find(placeholder); at != std::string::npos) out.replace(at, placeholder.size(), chipset);
  return out;
}

bool fits(const Row<data::HostOptions>& row, const Situation& situation, Place place) {
  const auto kinds = row.list("kinds");
  const auto wanted_place = row.choice<place_words>("place");
  const auto wanted_guard = row.choice<guard_words>("boot_guard");
  return std::ranges::find(kinds, kind_word(situation.generation.kind)) != kinds.end() &&
         row.number("major_from") <= situation.generation.from && situation.generation.to <= row.number("major_to") &&
         (!wanted_place || *wanted_place == place) && (!wanted_guard || *wanted_guard == guard_use(situation)) &&
         row.choice<flash_words>("flash") == situation.behind_t2;
}

constexpr unsigned first_without_removal = 12;

}  // namespace

bool nothing_stops(const Situation& situation) {
  return situation.generation.kind == Product::me && situation.generation.from >= first_without_removal &&
         known_of(situation).place == Place::unknown;
}

void advise(const Situation& situation, EngineStatus& engine) {
  const VerdictWords& words = words_of(engine.verdict);
  const Known known = known_of(situation);
  bool cleaning = false;
  for (const auto row : Table(data::host_options)) {
    const Quieting offer = row.choice<offer_words>("offer");
    // Whatever the state: behind a T2 there is nothing to do.
    const bool offered = situation.behind_t2 || std::ranges::find(words.offers, offer) != words.offers.end();
    if (!offered) continue;
    if (offer == Quieting::setup && !situation.amt) continue;
    if (!fits(row, situation, known.place)) continue;
    const bool refused = offer == Quieting::soft_disable && known.place != Place::confirmed;
    engine.options.push_back({filled(row["text"], known.chipset), refused ? Quieting::none : offer});
    cleaning = cleaning || by_cleaning(engine.options.back().does);
  }
  const bool about_the_chip = situation.behind_t2 && !engine.needs_privilege;
  if (about_the_chip || (words.advises_cleaning && !cleaning)) engine.advice.clear();
}

}  // namespace quell::intel::live
