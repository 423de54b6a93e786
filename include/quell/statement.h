// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of the hidden computers (data/engines.csv): a statement an engine and question.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "quell/answers.h"

namespace quell {

// How well a source is known to be right. high: a primary source, or measured. medium: a good secondary source, or two
// that agree. low: not confirmed, and printed with that doubt.
enum class Strength { high, medium, low };
// "H", "M", "L".
std::string_view to_string(Strength strength) noexcept;

// The answer to one question about one engine.
struct Statement {
  std::string_view engine{};     // id: "intel-me", "bmc"
  std::string_view question{};   // id: "runs-beside-os"
  std::optional<Holds> holds{};  // nothing where the question is not one of yes or no
  std::string_view short_answer{};
  std::string_view long_answer{};
  Strength strength = Strength::low;
  std::string_view source{};
};

// A hidden computer that statements are about: an engine of the list of engines, a part of one (AMT), or one that only
// its description is here of.
struct Subject {
  std::string_view id{};
  std::string_view title{};
  std::string_view heading{};             // at most 13 columns
  std::string_view called{};              // in a sentence: "the management engine"
  std::vector<std::string_view> words{};  // other words for it: "csme", "t2"
};

struct KnownQuestion {
  std::string_view id{};
  std::string_view text{};     // "Has it a network of its own?"
  std::string_view heading{};  // "network of its own"
  std::vector<std::string_view> words{};
  bool compared = false;  // a column of the comparison
};

// All of them, in the order of the tables.
std::span<const Statement> statements();
std::span<const Subject> subjects();
std::span<const KnownQuestion> known_questions();

// The statements on one subject, in the order of the questions.
std::span<const Statement> statements_on(std::string_view subject);
// The answer to one question; nullptr where there is no row.
const Statement* statement_on(std::string_view subject, std::string_view question);

}  // namespace quell
