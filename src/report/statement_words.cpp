// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/statement_words.h"

#include <fmt/format.h>

namespace quell::report {

std::string brief_of(const Statement& statement) {
  const std::string_view doubt = statement.strength == Strength::low ? "not confirmed: " : "";
  const bool plain = !statement.holds || *statement.holds == Holds::partly || *statement.holds == Holds::unknown;
  if (plain || statement.short_answer == to_string(*statement.holds))
    return fmt::format("{}{}", doubt, statement.short_answer);
  return fmt::format("{}{}: {}", doubt, to_string(*statement.holds), statement.short_answer);
}

std::string text_of(const Statement& statement) {
  const std::string_view doubt = statement.strength == Strength::low ? "Not confirmed: " : "";
  std::string_view lead;
  if (statement.holds == Holds::yes) lead = "Yes. ";
  if (statement.holds == Holds::no) lead = "No. ";
  if (statement.holds == Holds::partly) lead = "In part. ";
  if (statement.holds == Holds::unknown) lead = "Not known. ";
  return fmt::format("{}{}{}", doubt, lead, statement.long_answer);
}

std::string severities_of(const KnownFinding& finding) {
  std::string out;
  for (const char c : finding.severity) {
    if (c == ';') {
      out += " or ";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace quell::report
