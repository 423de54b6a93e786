// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "quell/result.h"
#include "quell/survey/report.h"
#include "report/action_command.h"

namespace quell::report {

// A file that no report can be made of, and why.
struct UnreadFile {
  std::string file{};
  Error error{};
};
// What an entry of the list `images` is made of.
using InspectedFile = std::variant<Report, UnreadFile>;

// The reports of one command as a JSON document of schema quell/2 (docs/schema), with a final newline. `option_of`: the
// command lines of actions, where the front end has options.
std::string to_json(std::string_view command, const std::vector<Report>& reports, OptionOf option_of = nullptr);
// The document of a command that failed before it had anything to report: `error` says why.
std::string failure_json(std::string_view command, std::string_view error);

}  // namespace quell::report
