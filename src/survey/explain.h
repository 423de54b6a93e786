// SPDX-License-Identifier: GPL-2.0-or-later
// What a word that somebody looks up stands for: a finding, a hidden computer, a question about all of them.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

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

using Explained = std::variant<std::monostate, KnownFinding, const Subject*, const KnownQuestion*>;

// A finding's id, else a subject, else a question: by id or by another word for it, in any case. Nothing when the word
// is none of them.
Explained look_up(std::string_view word);

}  // namespace quell
