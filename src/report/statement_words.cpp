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

namespace {

std::string_view doubt_of(Strength strength) { return strength == Strength::low ? "Not confirmed: " : ""; }

std::string_view lead_of(std::optional<Holds> holds) {
  if (!holds) return "";
  switch (*holds) {
    case Holds::yes: return "Yes. ";
    case Holds::no: return "No. ";
    case Holds::partly: return "In part. ";
    case Holds::unknown: break;
  }
  return "Not known. ";
}

}  // namespace

std::string text_of(const Statement& statement) {
  return fmt::format("{}{}{}", doubt_of(statement.strength), lead_of(statement.holds), statement.long_answer);
}

std::string text_of(const Belief& belief) {
  return fmt::format("{}{}{}", doubt_of(belief.strength), lead_of(belief.holds), belief.answer);
}

std::string names_of(const Term& term) {
  std::string out(term.id);
  for (const std::string_view word : term.words) out += fmt::format(", {}", word);
  return out;
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
