// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/finding.h"

#include <fmt/format.h>

#include "model/cut_short.h"

namespace quell {

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
    case Severity::critical: return "critical";
  }
  return "unknown";
}

Finding cut_short(std::string_view id, std::string_view what, std::uint64_t needed, ByteView file,
                  std::string_view advice) {
  return {.id = std::string(id),
          .question = Question::size,
          .severity = Severity::error,
          .title = fmt::format("{} is cut short", what),
          .detail = fmt::format("Its header says that it has {} bytes, the file has {}.", needed, file.size()),
          .advice = std::string(advice),
          .range = file.range()};
}

}  // namespace quell
