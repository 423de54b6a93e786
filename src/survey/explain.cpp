// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/explain.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"
#include "base/table.h"
#include "base/words.h"
#include "data/beliefs.h"
#include "data/findings.h"
#include "data/terms.h"

namespace quell {
namespace {

// "Boot Guard", "boot-guard" and "bootguard" are one word.
std::string plain(std::string_view word) {
  std::string out = lower_case(word);
  std::erase_if(out, [](char c) { return c == ' ' || c == '-' || c == '_'; });
  return out;
}

template <class Known>
const Known* find(std::span<const Known> all, std::string_view wanted) {
  const auto is_wanted = [wanted](std::string_view word) { return plain(word) == wanted; };
  const auto found = std::ranges::find_if(
      all, [&](const Known& one) { return is_wanted(one.id) || std::ranges::any_of(one.words, is_wanted); });
  return found == all.end() ? nullptr : &*found;
}

// The word nearest to another one, while words are shown to it.
class Nearest {
 public:
  explicit Nearest(std::string_view wanted) : wanted_(plain(wanted)), least_(mistakes_in(wanted_) + 1) {}
  void see(std::string_view word) {
    if (wanted_.size() > longest) return;
    const std::size_t found = letters_apart(wanted_, plain(word));
    if (found >= least_) return;
    least_ = found;
    word_ = word;
  }
  template <class Known>
  void see_all(std::span<const Known> all) {
    for (const Known& one : all) {
      see(one.id);
      for (const std::string_view word : one.words) see(word);
    }
  }
  [[nodiscard]] std::string_view word() const noexcept { return word_; }

 private:
  static constexpr std::size_t longest = 64;
  // Short words are near to everything.
  static std::size_t mistakes_in(std::string_view word) noexcept {
    return word.size() < 4 ? 0 : word.size() < 6 ? 1 : 2;
  }

  std::string wanted_;
  std::size_t least_;
  std::string_view word_{};
};

// Whether the word stands in the text with no letter or digit beside it.
bool stands_in(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool begins = at == 0 || !is_letter_or_digit(text[at - 1]);
    const bool ends = end == text.size() || !is_letter_or_digit(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

constexpr std::array belief_words{Word{"yes", Holds::yes}, Word{"no", Holds::no}, Word{"partly", Holds::partly}};
constexpr std::array strength_words{Word{"H", Strength::high}, Word{"M", Strength::medium}, Word{"L", Strength::low}};

}  // namespace

Beliefs beliefs() {
  static const Table table(data::beliefs);
  static const std::vector<Belief> all = rows_of(table, [](const Row<data::Beliefs>& row) {
    return Belief{row["id"],
                  row["belief"],
                  row.choice<belief_words>("holds"),
                  row["answer"],
                  row.choice<strength_words>("strength"),
                  row["source"]};
  });
  return all;
}

std::span<const Term> terms() {
  static const Table table(data::terms);
  static const std::vector<Term> all = rows_of(table, [](const Row<data::Terms>& row) {
    return Term{row["term"], row.list("words"), row["meaning"]};
  });
  return all;
}

std::vector<UsedTerm> terms_in(std::string_view text) {
  std::vector<UsedTerm> out;
  for (const Term& term : terms()) {
    const auto other =
        std::ranges::find_if(term.words, [text](std::string_view word) { return stands_in(text, word); });
    if (stands_in(text, term.id)) {
      out.push_back({&term, term.id});
    } else if (other != term.words.end()) {
      out.push_back({&term, *other});
    }
  }
  return out;
}

Explained look_up(std::string_view word) {
  static const Table table(data::findings);
  if (const auto row = table.find("id", lower_case(word))) {
    return KnownFinding{(*row)["id"],    (*row)["question"], (*row)["severity"],
                        (*row)["title"], (*row)["advice"],   (*row)["since"]};
  }
  const std::string wanted = plain(word);
  if (const Subject* subject = find(subjects(), wanted)) return subject;
  if (const KnownQuestion* question = find(known_questions(), wanted)) return question;
  if (wanted == "beliefs" || wanted == "myths") return beliefs();
  if (const Term* term = find(terms(), wanted)) return term;
  return {};
}

std::string_view nearest_word(std::string_view word) {
  Nearest nearest(word);
  nearest.see_all(subjects());
  nearest.see_all(known_questions());
  nearest.see_all(terms());
  nearest.see("beliefs");
  for (const auto row : Table(data::findings)) nearest.see(row["id"]);
  return nearest.word();
}

}  // namespace quell
