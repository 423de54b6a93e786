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

void write_answers(TextWriter& writer, std::size_t indent, const std::vector<ShortAnswer>& answers) {
  std::size_t widest = 0;
  for (const ShortAnswer& answer : answers) widest = std::max(widest, columns(heading_of(answer.asked)));
  for (const ShortAnswer& answer : answers) {
    const Cell lead{fmt::format("{:{}} ", heading_of(answer.asked), widest), Ink::dim};
    writer.item(indent, lead, printable(answer_text(answer)), answer.holds == Holds::unknown ? Ink::dim : Ink::plain);
  }
}

Json json_of(const std::vector<ShortAnswer>& answers) {
  Json out = Json::array();
  for (const ShortAnswer& answer : answers) {
    out.push_back({{"question", to_string(answer.asked)},
                   {"holds", to_string(answer.holds)},
                   {"basis", to_string(answer.basis)},
                   {"text", answer.text}});
  }
  return out;
}

}  // namespace quell::report
