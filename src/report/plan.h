// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "quell/finding.h"
#include "quell/image.h"
#include "quell/plan.h"
#include "quell/survey/report.h"
#include "report/text.h"

namespace quell::report {

// A plan and what goes with it, as `clean` and `descriptor` show it.
struct PlanReport {
  std::string file{};
  std::uint64_t size = 0;
  const Plan* plan = nullptr;
  ByteView input{};
  std::vector<Finding> notices{};
  std::vector<Finding> costs{};
  std::vector<std::string> outputs{};  // files written, empty in a dry run
  std::optional<std::uint64_t> minimum_me_size{};
  const Report* about = nullptr;  // of the input: names the component of each edit for programs
};

// Every edit with its range, the bytes that really change, and why; then the sum and the notices. With verbosity
// below 0, the sum alone.
std::string to_text(const PlanReport& report, const TextStyle& style);

// The same as a document of schema quell/2.
std::string to_json(std::string_view command, const PlanReport& report);

}  // namespace quell::report
