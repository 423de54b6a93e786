// SPDX-License-Identifier: GPL-2.0-or-later
// What a word that somebody looks up stands for: a finding, a hidden computer, a question about all of them, a word of
// the field; and what is commonly believed.
#pragma once

#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "quell/statement.h"

namespace quell {

// One row of data/findings.csv.
struct KnownFinding {
  std::string_view id{};
  std::string_view question{};  // of `check`, under which it stands
  std::string_view severity{};  // one, or several with `;` between
  std::string_view title{};
  std::string_view advice{};  // empty where there is nothing to do
  std::string_view since{};   // the first version that reports it
};

// What is often said of the hidden computers, and what is so: one row of data/beliefs.csv.
struct Belief {
  std::string_view id{};
  std::string_view belief{};  // as a sentence
  Holds holds = Holds::unknown;
  std::string_view answer{};
  Strength strength = Strength::low;
  std::string_view source{};
};
using Beliefs = std::span<const Belief>;
Beliefs beliefs();

// A word that the answers use: one row of data/terms.csv.
struct Term {
  std::string_view id{};                  // as texts write it: "HAP"
  std::vector<std::string_view> words{};  // other words for the same
  std::string_view meaning{};
};
std::span<const Term> terms();
// A word of the field, and how a text calls it.
struct UsedTerm {
  const Term* term = nullptr;
  std::string_view as{};
};
// Those that stand in a text as words of their own, in the order of the table.
std::vector<UsedTerm> terms_in(std::string_view text);

using Explained =
    std::variant<std::monostate, KnownFinding, const Subject*, const KnownQuestion*, const Term*, Beliefs>;

// A finding's id, else a subject, else a question, else "beliefs", else a word of the field: by id or by another word
// for it, in any case, with or without blanks and hyphens. Nothing when the word is none of them.
Explained look_up(std::string_view word);
// What somebody may have meant who typed a word that is nothing; empty where no word is near.
std::string_view nearest_word(std::string_view word);

}  // namespace quell
