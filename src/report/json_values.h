// SPDX-License-Identifier: GPL-2.0-or-later
// JSON that is no Document's yet: for the files of report/ only.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace quell::report {

using Json = nlohmann::ordered_json;

// Serialises with two-space indentation and a final newline; bytes that are not UTF-8 become U+FFFD.
std::string dump(const Json& document);

// An object that opens every document: schema, program, command.
Json document(std::string_view command);

}  // namespace quell::report
