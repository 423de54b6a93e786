// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/provenance.h"

#include <algorithm>

#include "base/split.h"

namespace quell::host {
namespace {

constexpr std::size_t most_lines = 8;

bool holds_one(std::string_view line, const std::vector<std::string_view>& words) {
  return std::ranges::any_of(words,
                             [line](std::string_view word) { return line.find(word) != std::string_view::npos; });
}

// "[   25.437096] mei_me 0000:00:16.0: ..." without what stands in front of the driver.
std::string without_time(std::string_view line) {
  const auto close = line.starts_with('[') ? line.find("] ") : std::string_view::npos;
  return std::string(close == std::string_view::npos ? line : line.substr(close + 2));
}

}  // namespace

bool tells_absence(const Root& root) {
  if (root.live()) return true;
  const Reading captured = root.read("/quell/captured");
  bool by_quell = false;
  for (const std::string_view line : lines_of(captured.data)) {
    if (line.starts_with("source=")) return false;
    by_quell = by_quell || line.starts_with("program=quell");
  }
  return by_quell;
}

std::vector<std::string> kernel_log_evidence(const Root& root, const std::vector<std::string_view>& drivers,
                                             const std::vector<std::string_view>& words) {
  const Reading log = root.read("/quell/kernel-log", std::size_t{1} << 18U);
  std::vector<std::string> out;
  for (const std::string_view line : lines_of(log.data)) {
    if (!holds_one(line, drivers) || !holds_one(line, words)) continue;
    std::string text = without_time(line);
    if (std::ranges::find(out, text) == out.end() && out.size() < most_lines) out.push_back(std::move(text));
  }
  return out;
}

}  // namespace quell::host
