// SPDX-License-Identifier: GPL-2.0-or-later
// What `explain` prints of the hidden computers in general.
#pragma once

#include <string>
#include <vector>

#include "quell/survey/status.h"
#include "report/text.h"
#include "survey/explain.h"

namespace quell::report {

// The comparison of all of them, for people: never wider than 80 columns.
std::string comparison_text(const TextStyle& style);
// All answers about one of them.
std::string to_text(const Subject& subject, const TextStyle& style);
// The answer of all of them to one question.
std::string to_text(const KnownQuestion& question, const TextStyle& style);
std::string to_text(const KnownFinding& finding, const TextStyle& style);
std::string to_text(const Term& term, const TextStyle& style);
std::string to_text(Beliefs beliefs, const TextStyle& style);

// One engine that was found, with what was seen of it.
struct FoundEngine {
  std::string engine{};  // id
  std::string title{};
  std::vector<ShortAnswer> answers{};
};

// What was found in one image or on one machine.
struct Found {
  std::string place{};    // the file's name, or "this machine"
  bool image = false;     // a file
  std::string summary{};  // the whole in a sentence; empty for an image
  std::vector<FoundEngine> engines{};
};
Found found_in(const Report& report);
Found found_on(const HostStatus& status, std::string place);

// Each engine that was found: what was seen there, beside what is generally so.
std::string to_text(const Found& found, const TextStyle& style);
std::string to_json(const Found& found);
std::string to_markdown(const Found& found);

// The same as a document; without an argument every answer to every question.
std::string explain_json();
std::string to_json(const Subject& subject);
std::string to_json(const KnownQuestion& question);
std::string to_json(const KnownFinding& finding);
std::string to_json(const Term& term);
std::string to_json(Beliefs beliefs);

// The same as Markdown; without an argument a page with the comparison and every engine.
std::string explain_markdown();
std::string to_markdown(const Subject& subject);
std::string to_markdown(const KnownQuestion& question);
std::string to_markdown(const KnownFinding& finding);
std::string to_markdown(const Term& term);
std::string to_markdown(Beliefs beliefs);

}  // namespace quell::report
