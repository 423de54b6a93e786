// SPDX-License-Identifier: GPL-2.0-or-later
// How the model's types look in JSON (schema quell/2). For the files of report/ only.
#pragma once

#include <nlohmann/json.hpp>

#include "quell/flash/word_difference.h"

namespace quell::report {

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<flash::WordDifference>& words);

// Serialises with two-space indentation and a final newline; bytes that are not UTF-8 become U+FFFD.
std::string dump(const Json& document);

// An object that opens every document: schema, program, command.
Json document(std::string_view command);

}  // namespace quell::report
