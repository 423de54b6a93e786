// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "base/table.h"
#include "data/engine-names.h"
#include "data/engine-questions.h"
#include "data/engines.h"
#include "quell/engine.h"
#include "quell/statement.h"

namespace quell {
namespace {

constexpr std::array holds_words{Word{"", std::optional<Holds>()}, Word{"yes", std::optional(Holds::yes)},
                                 Word{"no", std::optional(Holds::no)}, Word{"partly", std::optional(Holds::partly)},
                                 Word{"unknown", std::optional(Holds::unknown)}};
constexpr std::array strength_words{Word{"H", Strength::high}, Word{"M", Strength::medium}, Word{"L", Strength::low}};

}  // namespace

std::string_view to_string(Strength strength) noexcept {
  switch (strength) {
    case Strength::high: return "H";
    case Strength::medium: return "M";
    case Strength::low: break;
  }
  return "L";
}

std::span<const Statement> statements() {
  static const Table table(data::engines);
  static const std::vector<Statement> all = rows_of(table, [](const Row<data::Engines>& row) {
    return Statement{.engine = row["engine"],
                     .question = row["question"],
                     .holds = row.choice<holds_words>("holds"),
                     .short_answer = row["short"],
                     .long_answer = row["long"],
                     .strength = row.choice<strength_words>("strength"),
                     .source = row["source"]};
  });
  return all;
}

std::span<const Subject> subjects() {
  static const Table table(data::engine_names);
  static const std::vector<Subject> all = rows_of(table, [](const Row<data::EngineNames>& row) {
    return Subject{row["id"], row["title"], row["heading"], row["called"], row.list("words")};
  });
  return all;
}

std::span<const KnownQuestion> known_questions() {
  static const Table table(data::engine_questions);
  static const std::vector<KnownQuestion> all = rows_of(table, [](const Row<data::EngineQuestions>& row) {
    return KnownQuestion{row["id"], row["question"], row["heading"], row.list("words"), row.flag("compared")};
  });
  return all;
}

// The table keeps the rows of one engine together.
std::span<const Statement> statements_on(std::string_view subject) {
  const auto all = statements();
  const auto first = std::ranges::find(all, subject, &Statement::engine);
  const auto last = std::find_if(first, all.end(), [subject](const Statement& one) { return one.engine != subject; });
  return {first, last};
}

const Statement* statement_on(std::string_view subject, std::string_view question) {
  const auto all = statements_on(subject);
  const auto found = std::ranges::find(all, question, &Statement::question);
  return found == all.end() ? nullptr : &*found;
}

std::span<const Statement> Engine::explain() const { return statements_on(id()); }

}  // namespace quell
