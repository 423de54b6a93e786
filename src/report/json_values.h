// SPDX-License-Identifier: GPL-2.0-or-later
// How the model's types look in JSON (schema quell/2). For the files of report/ only.
#pragma once

#include <nlohmann/json.hpp>

#include "quell/component.h"
#include "quell/engine.h"
#include "quell/finding.h"
#include "quell/flash/word_difference.h"
#include "quell/plan.h"

namespace quell::report {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value);
Json json_of(Range range);
Json json_of(const Attributes& attributes);
Json json_of(const Component& component);
Json json_of(const Finding& finding);
Json json_of(const Check& check);
Json json_of(const Action& action);
Json json_of(const EngineReport& engine);
Json json_of(const std::vector<flash::WordDifference>& words);

// Serialises with two-space indentation and a final newline; bytes that are not UTF-8 become U+FFFD.
std::string dump(const Json& document);

// An object that opens every document: schema, program, command.
Json document(std::string_view command);

}  // namespace quell::report
