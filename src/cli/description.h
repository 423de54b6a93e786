// SPDX-License-Identifier: GPL-2.0-or-later
// What the command line can be asked for, as data: help, manual pages and completion are made from it.
#pragma once

#include <string>
#include <vector>

namespace quell::cli {

struct OptionText {
  std::vector<std::string> names{};  // "-o", "--output"; the one name of an argument
  std::string value{};               // "FILE"; empty for a flag
  std::string help{};
  std::string group{};
  bool argument = false;
  bool required = false;
  bool repeated = false;
  std::vector<std::string> choices{};  // the words it takes, where there are only these
};

struct CommandText {
  std::string name{};  // "quell vault list"
  std::string summary{};
  std::string group{};
  std::vector<OptionText> options{};  // in the order of their declaration
  std::vector<std::string> examples{};
  std::string notes{};  // what stands below the examples
  std::vector<CommandText> verbs{};
};

// The command below `root` that these words name ("vault", "list"), or the deepest one on the way.
const CommandText& find_command(const CommandText& root, const std::vector<std::string>& words);

// --help, wrapped at so many columns.
std::string help_text(const CommandText& command, unsigned width);
// "quell clean [OPTIONS] IMAGE"
std::string usage_line(const CommandText& command);
// A manual page in roff.
std::string manual_page(const CommandText& command);
// A completion script for "bash", "zsh" or "fish"; empty for another word.
std::string completion_script(const CommandText& program, const std::string& shell);

}  // namespace quell::cli
