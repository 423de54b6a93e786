// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/action_command.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/printable.h"

namespace quell::report {
namespace {

// What `quell clean` calls the actions that it does.
struct CleanOption {
  std::string_view action;
  std::string_view option;
};
constexpr std::array<CleanOption, 2> clean_options = {CleanOption{"soft-disable", "--soft"},
                                                      CleanOption{"strip", "--strip"}};

// The name as a word of a shell's command line.
std::string shell_word(const std::string& name) {
  if (!name.empty() && name.front() != '-' && std::ranges::all_of(name, is_plain_in_names)) return name;
  std::string out = "'";
  if (!name.empty() && name.front() == '-') out += "./";
  for (const char c : quell::printable(name)) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  out += "'";
  return out;
}

}  // namespace

std::string command_of(const Action& action, const std::string& file, OptionOf option_of) {
  const bool insisted = action.state == Action::State::refused && !action.lifted_by.empty();
  if (option_of == nullptr || (action.state != Action::State::available && !insisted)) return {};
  const auto clean = std::ranges::find(clean_options, action.id, &CleanOption::action);
  if (clean == clean_options.end()) return {};
  std::string options(clean->option);
  for (const Override one : action.lifted_by.list()) {
    const std::string_view option = option_of(one);
    if (option.empty() || one == Override::place) return {};
    options.append(" ").append(option);
  }
  return fmt::format("quell clean {} {} -o quiet.rom", options, shell_word(file));
}

}  // namespace quell::report
