// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/overrides.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace quell::cli {

std::string help_of(Override override_) {
  const OverrideOption* row = report::override_option(override_);
  return row == nullptr ? std::string() : std::string(row->help);
}

std::string insist_with(const Error& error, Overrides offered) {
  if (error.lifted_by.empty() || !error.lifted_by.within(offered)) return {};
  std::vector<std::string> words;
  bool facts = true;
  for (const Override one : error.lifted_by.list()) {
    const OverrideOption* row = report::override_option(one);
    if (row == nullptr) return {};
    words.push_back(row->rest.empty() ? std::string(row->option) : fmt::format("{} {}", row->option, row->rest));
    facts = facts && row->fact;
  }
  const auto said = fmt::join(words, " and ");
  if (error.message.ends_with('.'))
    return fmt::format(fmt::runtime(facts ? " The option is {}." : " Insist with {}."), said);
  return fmt::format(fmt::runtime(facts ? " ({})" : "; insist with {}"), said);
}

}  // namespace quell::cli
