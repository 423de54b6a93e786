// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/check.h"
#include "quell/range.h"

namespace quell {

// info: worth knowing. warning: odd, or a risk, but the image works. error: something is wrong with the image
// (`check` fails). critical: using this image will not work or will brick.
enum class Severity { info, warning, error, critical };

// "info", "warning", "error", "critical".
std::string_view to_string(Severity severity) noexcept;

// A judgement with its evidence. `id` is dotted, lower case and never changes meaning ("intel.disable-bit.set"); each
// has a row in data/findings.csv, which says its question and the severities that it may have.
struct Finding {
  std::string id{};
  Question question = Question::structure;  // the one question of `check` under which it stands
  Severity severity = Severity::info;
  std::string title{};                    // one line, no full stop
  std::string detail{};                   // the evidence, in sentences
  std::string advice{};                   // what to do next; empty when nothing
  std::optional<Range> range{};           // image offsets
  std::vector<std::string> references{};  // advisory numbers, documents
};

}  // namespace quell
