// SPDX-License-Identifier: GPL-2.0-or-later
// Completion for bash, zsh and fish: which command the words name so far, then its verbs, options, words or files.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/description.h"

namespace quell::cli {
namespace {

// Every command with what can follow, in the order of the help.
void flatten(const CommandText& command, std::vector<const CommandText*>& out) {
  out.push_back(&command);
  for (const CommandText& verb : command.verbs) flatten(verb, out);
}

std::vector<std::string> names_of(const CommandText& command) {
  std::vector<std::string> names;
  for (const OptionText& option : command.options) {
    if (!option.argument) names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> verbs_of(const CommandText& command) {
  std::vector<std::string> verbs;
  for (const CommandText& verb : command.verbs) verbs.push_back(verb.name.substr(verb.name.rfind(' ') + 1));
  if (command.name == "quell") {
    for (const char* more : {"help", "me_cleaner", "ifdtool", "intelmetool"}) verbs.emplace_back(more);
  }
  return verbs;
}

// The patterns of a case statement: each `command:option` that `wanted` accepts.
template <class Wanted>
std::string patterns(const std::vector<const CommandText*>& commands, Wanted wanted) {
  std::vector<std::string> all;
  for (const CommandText* command : commands) {
    for (const OptionText& option : command->options) {
      if (option.argument || !wanted(option)) continue;
      for (const std::string& name : option.names) all.push_back(fmt::format("'{}:{}'", command->name, name));
    }
  }
  return fmt::format("{}", fmt::join(all, "|"));
}

// The parts that bash and zsh share; `open` and `offer` are what differs.
struct Dialect {
  std::string_view open;   // before a pattern
  std::string_view offer;  // takes words
  std::string_view files;
};

std::string cases(const std::vector<const CommandText*>& commands, const Dialect& dialect) {
  std::string out = "  case \"$at:$previous\" in\n";
  for (const CommandText* command : commands) {
    for (const OptionText& option : command->options) {
      if (option.argument || option.choices.empty()) continue;
      for (const std::string& name : option.names) {
        out += fmt::format("    {}'{}:{}') {} {}; return;;\n", dialect.open, command->name, name, dialect.offer,
                           fmt::join(option.choices, " "));
      }
    }
  }
  const std::string with_file =
      patterns(commands, [](const OptionText& option) { return !option.value.empty() && option.choices.empty(); });
  if (!with_file.empty()) out += fmt::format("    {}{}) {}; return;;\n", dialect.open, with_file, dialect.files);
  out += "  esac\n  case \"$current\" in\n";
  out += fmt::format("    {}-*) case \"$at\" in\n", dialect.open);
  for (const CommandText* command : commands) {
    out += fmt::format("      {}'{}') {} {};;\n", dialect.open, command->name, dialect.offer,
                       fmt::join(names_of(*command), " "));
  }
  out += fmt::format("    esac;;\n    {}*) case \"$at\" in\n", dialect.open);
  for (const CommandText* command : commands) {
    if (!command->verbs.empty()) {
      out += fmt::format("      {}'{}') {} {};;\n", dialect.open, command->name, dialect.offer,
                         fmt::join(verbs_of(*command), " "));
    }
  }
  return out + fmt::format("      {}*) {};;\n    esac;;\n  esac\n", dialect.open, dialect.files);
}

std::string command_cases(const std::vector<const CommandText*>& commands) {
  std::vector<std::string> all;
  for (const CommandText* command : commands) {
    if (command->name != "quell") all.push_back(fmt::format("'{}'", command->name));
  }
  return fmt::format("{}", fmt::join(all, "|"));
}

std::string bash(const std::vector<const CommandText*>& commands) {
  const Dialect dialect{"", "_quell_offer", "_quell_files"};
  return fmt::format(
      "# bash completion for quell\n"
      "_quell_offer() {{ mapfile -t COMPREPLY < <(compgen -W \"$*\" -- \"${{COMP_WORDS[COMP_CWORD]}}\"); }}\n"
      "_quell_files() {{\n  compopt -o filenames 2>/dev/null\n"
      "  mapfile -t COMPREPLY < <(compgen -f -- \"${{COMP_WORDS[COMP_CWORD]}}\")\n}}\n"
      "_quell() {{\n"
      "  local at=quell i current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n    case \"$at ${{COMP_WORDS[i]}}\" in\n"
      "      {}) at=\"$at ${{COMP_WORDS[i]}}\";;\n    esac\n  done\n{}}}\ncomplete -F _quell quell\n",
      command_cases(commands), cases(commands, dialect));
}

std::string zsh(const std::vector<const CommandText*>& commands) {
  const Dialect dialect{"(", "compadd --", "_files"};
  return fmt::format(
      "#compdef quell\n"
      "_quell() {{\n"
      "  local at=quell i current=${{words[CURRENT]}} previous=${{words[CURRENT-1]}}\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n    case \"$at ${{words[i]}}\" in\n"
      "      ({}) at=\"$at ${{words[i]}}\";;\n    esac\n  done\n{}}}\n"
      "if [[ $funcstack[1] == _quell ]]; then _quell \"$@\"; else compdef _quell quell; fi\n",
      command_cases(commands), cases(commands, dialect));
}

// In single quotes of fish.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out.append("'");
}

std::string fish(const std::vector<const CommandText*>& commands) {
  std::string out =
      "# fish completion for quell\n"
      "function __quell_at\n  set -l at quell\n  for word in (commandline -opc)[2..-1]\n"
      "    if contains -- \"$at $word\" $__quell_commands\n      set at \"$at $word\"\n    end\n  end\n"
      "  test \"$at\" = \"$argv[1]\"\nend\n";
  out += "set -g __quell_commands";
  for (const CommandText* command : commands) out += fmt::format(" {}", in_quotes(command->name));
  out += "\n";
  for (const CommandText* command : commands) {
    const std::string at = fmt::format("complete -c quell -n \"__quell_at '{}'\"", command->name);
    for (const CommandText& verb : command->verbs) {
      out += fmt::format("{} -f -a {} -d {}\n", at, in_quotes(verb.name.substr(verb.name.rfind(' ') + 1)),
                         in_quotes(verb.summary));
    }
    for (const OptionText& option : command->options) {
      if (option.argument) continue;
      out += at;
      for (const std::string& name : option.names)
        out += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2)) : fmt::format(" -s {}", name.substr(1));
      if (!option.value.empty()) out += " -r";
      if (!option.choices.empty())
        out += fmt::format(" -f -a {}", in_quotes(fmt::format("{}", fmt::join(option.choices, " "))));
      out += fmt::format(" -d {}\n", in_quotes(option.help));
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const CommandText& program, const std::string& shell) {
  std::vector<const CommandText*> commands;
  flatten(program, commands);
  if (shell == "bash") return bash(commands);
  if (shell == "zsh") return zsh(commands);
  if (shell == "fish") return fish(commands);
  return {};
}

}  // namespace quell::cli
