// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "store/query.h"

namespace quell::store {
namespace {

constexpr std::array all_questions{
#define QUELL_QUESTION(name, title, sql) Question{name, title, sql},
#include "store/questions.def"
#undef QUELL_QUESTION
};

}  // namespace

std::span<const Question> questions() noexcept { return all_questions; }

const Question* find_question(std::string_view name) noexcept {
  const auto* found = std::find_if(all_questions.begin(), all_questions.end(),
                                   [&](const Question& question) { return question.name == name; });
  return found == all_questions.end() ? nullptr : &*found;
}

}  // namespace quell::store
