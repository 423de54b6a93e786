// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/overrides.h"

#include <vector>

#include <fmt/format.h>

namespace quell::cli {

std::string insist_with(const Error& error, Overrides offered) {
  if (error.lifted_by.empty() || !error.lifted_by.within(offered)) return {};
  std::vector<std::string> words;
  for (const Override one : error.lifted_by.list()) {
    words.push_back(one == Override::place
                        ? fmt::format("{} OFFSET[:BIT] (from FPSBA), at your own risk", option_of(one))
                        : std::string(option_of(one)));
  }
  return fmt::format("; insist with {}", fmt::join(words, " and "));
}

}  // namespace quell::cli
