// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "data/host-verdicts.h"
#include "engine/verdict_words.h"

namespace quell {
namespace {

constexpr std::array counts_words{
    Word{"yes", CountsAsDisabled::yes},
    Word{"yes-until-re-enabled", CountsAsDisabled::yes_until_re_enabled},
    Word{"after-watch", CountsAsDisabled::after_watch},
    Word{"only-if-intended", CountsAsDisabled::only_if_intended},
    Word{"inconclusive", CountsAsDisabled::inconclusive},
    Word{"no", CountsAsDisabled::no},
};

template <class Words, class Meaning>
std::string_view word_of(const Words& words, Meaning meaning) noexcept {
  const auto found = std::ranges::find(words, meaning, &Word<Meaning>::meaning);
  return found == words.end() ? std::string_view("unknown") : found->word;
}

VerdictWords words_in(const Row<data::HostVerdicts>& row) {
  VerdictWords out;
  out.verdict = row.choice<verdict_words>("verdict");
  out.title = row["title"];
  out.meaning = row["meaning"];
  out.evidence = row["evidence"];
  out.advice = row["advice"];
  out.counts_as_disabled = row.choice<counts_words>("counts_as_disabled");
  for (const std::string_view offer : row.list("offers")) {
    out.offers.push_back(std::ranges::find(offer_words, offer, &Word<Quieting>::word)->meaning);
  }
  out.advises_cleaning = row.flag("advises_cleaning");
  return out;
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept { return word_of(verdict_words, verdict); }

std::optional<Verdict> parse_verdict(std::string_view name) noexcept {
  const auto found = std::ranges::find(verdict_words, name, &Word<Verdict>::word);
  return found == verdict_words.end() ? std::nullopt : std::optional(found->meaning);
}

std::string_view to_string(Certainty certainty) noexcept {
  switch (certainty) {
    case Certainty::high: return "high";
    case Certainty::medium: return "medium";
    case Certainty::low: break;
  }
  return "low";
}

std::string_view to_string(CountsAsDisabled counts) noexcept { return word_of(counts_words, counts); }

const VerdictWords& words_of(Verdict verdict) {
  static const std::vector<VerdictWords> all = rows_of(Table(data::host_verdicts), words_in);
  const auto found = std::ranges::find(all, verdict, &VerdictWords::verdict);
  return found != all.end() ? *found : all.back();
}

void set_verdict(EngineStatus& engine, Verdict verdict, Certainty certainty) {
  const VerdictWords& words = words_of(verdict);
  engine.verdict = verdict;
  engine.verdict_title = words.title;
  engine.meaning = words.meaning;
  engine.certainty = certainty;
  engine.counts_as_disabled = words.counts_as_disabled;
  engine.advice = words.advice;
}

}  // namespace quell
