// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/description.h"

namespace quell::cli {
namespace {

constexpr std::size_t column = 28;  // where explanations begin
constexpr unsigned narrowest = 40;

// Words from `at` on, continued at `indent`.
void wrap(std::string& out, const std::string& text, std::size_t at, std::size_t indent, std::size_t width) {
  std::istringstream words(text);
  bool first = true;
  for (std::string word; words >> word;) {
    if (!first && at + 1 + word.size() > width) {
      out.append("\n").append(indent, ' ');
      at = indent;
    } else if (!first) {
      out.push_back(' ');
      ++at;
    }
    out += word;
    at += word.size();
    first = false;
  }
  out.push_back('\n');
}

void add_row(std::string& out, const std::string& name, const std::string& text, std::size_t width) {
  out.append("  ").append(name);
  std::size_t at = 2 + name.size();
  if (at + 1 >= column) {
    out.push_back('\n');
    at = 0;
  }
  out.append(column - at, ' ');
  wrap(out, text, column, column, width);
}

std::string option_name(const OptionText& option) {
  std::string name = fmt::format("{}", fmt::join(option.names, ", "));
  if (!option.value.empty()) name += fmt::format(" {}", option.value);
  return name;
}

void add_options(std::string& out, const CommandText& command, std::size_t width) {
  std::vector<std::string> groups{"Options"};
  for (const OptionText& option : command.options) {
    if (!option.argument && std::ranges::find(groups, option.group) == groups.end()) groups.push_back(option.group);
  }
  for (const std::string& group : groups) {
    bool begun = false;
    for (const OptionText& option : command.options) {
      if (option.argument || option.group != group) continue;
      if (!begun) out += fmt::format("\n{}:\n", group);
      begun = true;
      add_row(out, option_name(option), option.help, width);
    }
  }
}

void add_verbs(std::string& out, const CommandText& command, std::size_t width) {
  std::vector<std::string> groups;
  for (const CommandText& verb : command.verbs) {
    if (std::ranges::find(groups, verb.group) == groups.end()) groups.push_back(verb.group);
  }
  for (const std::string& group : groups) {
    out += fmt::format("\n{}:\n", group);
    for (const CommandText& verb : command.verbs) {
      if (verb.group == group) add_row(out, verb.name.substr(verb.name.rfind(' ') + 1), verb.summary, width);
    }
  }
}

void add_arguments(std::string& out, const CommandText& command, std::size_t width) {
  bool begun = false;
  for (const OptionText& option : command.options) {
    if (!option.argument) continue;
    if (!begun) out += "\nArguments:\n";
    begun = true;
    add_row(out, option.names.front(), option.help, width);
  }
}

}  // namespace

const CommandText& find_command(const CommandText& root, const std::vector<std::string>& words) {
  const CommandText* found = &root;
  for (const std::string& word : words) {
    const auto next = std::ranges::find(found->verbs, fmt::format("{} {}", found->name, word), &CommandText::name);
    if (next == found->verbs.end()) break;
    found = &*next;
  }
  return *found;
}

std::string usage_line(const CommandText& command) {
  std::string line = fmt::format("{} [OPTIONS]", command.name);
  for (const OptionText& option : command.options) {
    if (!option.argument) continue;
    const std::string name = option.names.front() + (option.repeated ? "..." : "");
    line += option.required ? fmt::format(" {}", name) : fmt::format(" [{}]", name);
  }
  if (!command.verbs.empty()) line += command.name == "quell" ? " COMMAND" : " VERB";
  return line;
}

std::string help_text(const CommandText& command, unsigned columns) {
  const std::size_t width = std::max(columns, narrowest);
  std::string out;
  wrap(out, command.summary, 0, 0, width);
  out += "\nUsage: ";
  wrap(out, usage_line(command), 7, 9, width);
  add_arguments(out, command, width);
  add_verbs(out, command, width);
  add_options(out, command, width);
  if (!command.examples.empty()) out += command.examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
  for (const std::string& example : command.examples) out += fmt::format("  {}\n", example);
  if (!command.notes.empty()) {
    out.push_back('\n');
    wrap(out, command.notes, 0, 0, width);
  }
  return out;
}

}  // namespace quell::cli
