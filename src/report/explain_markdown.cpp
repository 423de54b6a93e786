// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "report/answers.h"
#include "report/explain.h"
#include "report/markdown.h"
#include "report/statement_words.h"

namespace quell::report {
namespace {

std::vector<std::string> answer_row(std::string_view title, const Statement& one) {
  return {markdown(title), markdown(text_of(one)), std::string(to_string(one.strength)), markdown(one.source)};
}

std::string answers_on(const Subject& subject) {
  std::vector<std::vector<std::string>> rows{{"question", "answer", "strength", "source"}};
  for (const KnownQuestion& question : known_questions()) {
    if (const Statement* one = statement_on(subject.id, question.id)) rows.push_back(answer_row(question.text, *one));
  }
  return markdown_table(rows);
}

std::string comparison() {
  std::vector<std::vector<std::string>> rows{{""}};
  for (const KnownQuestion& question : known_questions()) {
    if (question.compared) rows.front().push_back(markdown(question.heading));
  }
  for (const Subject& subject : subjects()) {
    rows.push_back({markdown(subject.title)});
    for (const KnownQuestion& question : known_questions()) {
      const Statement* one = question.compared ? statement_on(subject.id, question.id) : nullptr;
      if (one != nullptr) rows.back().push_back(markdown(brief_of(*one)));
    }
  }
  return markdown_table(rows);
}

std::string belief_table(Beliefs beliefs) {
  std::vector<std::vector<std::string>> rows{{"what is often said", "what is so", "strength", "source"}};
  for (const Belief& one : beliefs) {
    rows.push_back(
        {markdown(one.belief), markdown(text_of(one)), std::string(to_string(one.strength)), markdown(one.source)});
  }
  return markdown_table(rows);
}

std::string term_table() {
  std::vector<std::vector<std::string>> rows{{"word", "what it is"}};
  for (const Term& term : terms()) rows.push_back({markdown(names_of(term)), markdown(term.meaning)});
  return markdown_table(rows);
}

}  // namespace

std::string explain_markdown() {
  std::string out = "# The computers inside computers\n\n";
  out += markdown(introduction);
  out +=
      "\n\n"
      "Strength of an answer: H a primary source was read, or it was measured; M a good secondary source, or two that\n"
      "agree; L not confirmed.\n\n";
  out += comparison();
  out += markdown_heading(2, "What is often said");
  out += belief_table(beliefs());
  for (const Subject& subject : subjects()) {
    out += markdown_heading(2, subject.title);
    out += answers_on(subject);
  }
  out += markdown_heading(2, "Words");
  out += term_table();
  return out;
}

std::string to_markdown(const Subject& subject) {
  return fmt::format("# {}\n\n{}", markdown(subject.title), answers_on(subject));
}

std::string to_markdown(const KnownQuestion& question) {
  std::vector<std::vector<std::string>> rows{{"", "answer", "strength", "source"}};
  for (const Subject& subject : subjects()) {
    if (const Statement* one = statement_on(subject.id, question.id)) rows.push_back(answer_row(subject.title, *one));
  }
  return fmt::format("# {}\n\n{}", markdown(question.text), markdown_table(rows));
}

std::string to_markdown(const Term& term) {
  return fmt::format("# {}\n\n{}\n", markdown(names_of(term)), markdown(term.meaning));
}

std::string to_markdown(Beliefs beliefs) {
  return fmt::format("# What is often said of the computers inside computers\n\n{}", belief_table(beliefs));
}

std::string to_markdown(const Found& found) {
  std::string out = fmt::format("# {}\n\n", markdown(found.place));
  if (!found.summary.empty()) out += markdown(found.summary) + "\n";
  for (const FoundEngine& engine : found.engines) {
    out += markdown_heading(2, engine.title);
    std::vector<std::vector<std::string>> rows{{"", "here", "in general"}};
    for (const ShortAnswer& answer : engine.answers) {
      const Statement* general = statement_on(engine.engine, to_string(answer.asked));
      rows.push_back({markdown(heading_of(answer.asked)), markdown(answer_text(answer)),
                      general == nullptr ? std::string() : markdown(brief_of(*general))});
    }
    out += markdown_table(rows);
  }
  return out;
}

std::string to_markdown(const KnownFinding& finding) {
  std::string out = fmt::format("# {}\n\n{}\n\n", markdown(finding.id), markdown(finding.title));
  if (!finding.advice.empty()) out += fmt::format("What to do: {}\n\n", markdown(finding.advice));
  return out + fmt::format("Severity: {}. Question of `check`: {}. Since {}.\n", severities_of(finding),
                           finding.question, finding.since);
}

}  // namespace quell::report
