// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/answers.h"
#include "report/explain.h"
#include "report/json_values.h"

namespace quell::report {
namespace {

Json json_of(const Statement& one) {
  Json out;
  out["engine"] = one.engine;
  out["question"] = one.question;
  if (one.holds) out["holds"] = to_string(*one.holds);
  out["short"] = one.short_answer;
  out["long"] = one.long_answer;
  out["strength"] = to_string(one.strength);
  out["source"] = one.source;
  return out;
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

Json explain_document() { return document("explain"); }

Json json_of_subject(const Subject& subject) { return {{"id", subject.id}, {"title", subject.title}}; }

Json json_of_question(const KnownQuestion& question) { return {{"id", question.id}, {"text", question.text}}; }

Json json_of(Beliefs beliefs) {
  Json out = Json::array();
  for (const Belief& one : beliefs) {
    out.push_back({{"id", one.id},
                   {"belief", one.belief},
                   {"holds", to_string(one.holds)},
                   {"answer", one.answer},
                   {"strength", to_string(one.strength)},
                   {"source", one.source}});
  }
  return out;
}

Json json_of(const Term& term) {
  Json words = Json::array();
  for (const std::string_view word : term.words) words.push_back(word);
  return {{"term", term.id}, {"words", std::move(words)}, {"meaning", term.meaning}};
}

template <class Wanted>
Json statements_document(const Wanted& wanted) {
  Json out = explain_document();
  out["engines"] = Json::array();
  out["questions"] = Json::array();
  out["statements"] = Json::array();
  for (const Subject& subject : subjects()) {
    if (wanted(subject.id, {})) out["engines"].push_back(json_of_subject(subject));
  }
  for (const KnownQuestion& question : known_questions()) {
    if (wanted({}, question.id)) out["questions"].push_back(json_of_question(question));
  }
  for (const Statement& one : statements()) {
    if (wanted(one.engine, one.question)) out["statements"].push_back(json_of(one));
  }
  return out;
}

}  // namespace

std::string explain_json() {
  Json out = statements_document([](std::string_view, std::string_view) { return true; });
  out["beliefs"] = json_of(beliefs());
  out["terms"] = Json::array();
  for (const Term& term : terms()) out["terms"].push_back(json_of(term));
  return dump(out);
}

std::string to_json(const Subject& subject) {
  return dump(statements_document(
      [&](std::string_view engine, std::string_view) { return engine.empty() || engine == subject.id; }));
}

std::string to_json(const KnownQuestion& question) {
  return dump(statements_document(
      [&](std::string_view, std::string_view asked) { return asked.empty() || asked == question.id; }));
}

std::string to_json(const Term& term) {
  Json out = explain_document();
  out["terms"] = Json::array({json_of(term)});
  return dump(out);
}

std::string to_json(Beliefs beliefs) {
  Json out = explain_document();
  out["beliefs"] = json_of(beliefs);
  return dump(out);
}

std::string to_json(const Found& found) {
  Json out = explain_document();
  if (found.image) out["file"] = found.place;
  if (!found.summary.empty()) out["summary"] = found.summary;
  out["found"] = Json::array();
  for (const FoundEngine& engine : found.engines)
    out["found"].push_back({{"engine", engine.engine}, {"title", engine.title}, {"answers", json_of(engine.answers)}});
  return dump(out);
}

std::string to_json(const KnownFinding& finding) {
  Json out = explain_document();
  out["finding"] = {{"id", finding.id},       {"question", finding.question}, {"severity", finding.severity},
                    {"title", finding.title}, {"advice", finding.advice},     {"since", finding.since}};
  return dump(out);
}

}  // namespace quell::report
