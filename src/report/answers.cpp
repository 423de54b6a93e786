// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/answers.h"

#include <algorithm>

#include <fmt/format.h>

#include "quell/statement.h"

namespace quell::report {

std::string answer_text(const ShortAnswer& answer) {
  const bool plain = answer.holds == Holds::partly || answer.holds == Holds::unknown;
  if (plain || answer.text == to_string(answer.holds)) return answer.text;
  return fmt::format("{}: {}", to_string(answer.holds), answer.text);
}

std::string_view heading_of(Asked asked) {
  const auto known = std::ranges::find(known_questions(), to_string(asked), &KnownQuestion::id);
  return known == known_questions().end() ? to_string(asked) : known->heading;
}

doc::Table answers_table(const std::vector<ShortAnswer>& answers) {
  constexpr auto programs = doc::Audience::programs;
  doc::Table out{.key = "answers", .form = doc::Table::Form::wrapped};
  out.columns = {{.audience = doc::Audience::people},
                 {.key = "question", .audience = programs},
                 {.key = "holds", .audience = programs},
                 {.key = "basis", .audience = programs},
                 {.key = "text"}};
  std::size_t widest = 0;
  for (const ShortAnswer& answer : answers) widest = std::max(widest, heading_of(answer.asked).size());
  for (const ShortAnswer& answer : answers) {
    const doc::Tone tone = answer.holds == Holds::unknown ? doc::Tone::minor : doc::Tone::plain;
    out.rows.push_back({{{fmt::format("{:{}} ", heading_of(answer.asked), widest), doc::Tone::minor},
                         to_string(answer.asked),
                         doc::Value(to_string(answer.holds), doc::As::state),
                         to_string(answer.basis),
                         {answer.text, answer_text(answer), tone}}});
  }
  return out;
}

}  // namespace quell::report
