// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/problems.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace quell {

void note_error(std::vector<Finding>& problems, std::string_view id, Question question, std::string title,
                std::string detail, Range range, std::string advice) {
  constexpr std::size_t most = 64;
  constexpr std::size_t most_before_repetitions_end = 48;
  if (problems.size() >= most) return;
  const bool repeated = std::ranges::find(problems, id, &Finding::id) != problems.end();
  if (repeated && problems.size() >= most_before_repetitions_end) return;
  problems.push_back({.id = std::string(id),
                      .question = question,
                      .severity = Severity::error,
                      .title = std::move(title),
                      .detail = std::move(detail),
                      .advice = std::move(advice),
                      .range = range});
}

}  // namespace quell
