// SPDX-License-Identifier: GPL-2.0-or-later
// How a command declares its options, arguments and verbs. The option parser itself, which is slow to compile, is known
// to options.cpp alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/description.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace quell::cli {

// One option or argument of a command, while the command is declared; a handle, to be copied freely.
class Option {
 public:
  explicit Option(CLI::Option* option) noexcept : option_(option) {}

  // It must be given.
  Option required() const;
  // It takes exactly so many words.
  Option words(int count) const;
  // A,B counts as two values.
  Option comma_separated() const;
  // --help shows the value that stands when it is not given.
  Option shows_default() const;
  // Only these words, and --help lists them.
  Option one_of(const std::vector<std::string>& choices) const;
  // Only numbers from `least` to `most`, and --help says so. T: int, double, std::uint64_t.
  template <class T>
  Option between(T least, T most) const;
  // Only numbers above zero.
  Option positive() const;
  // A number of bytes, which may end in K, M or G (powers of 1024).
  Option byte_size() const;
  // Never together with the other one.
  Option excludes(const Option& other) const;

 private:
  CLI::Option* option_;
};

// A command (or the whole program, whose commands are its subcommands) while it is declared; a handle, to be copied
// freely. Values that options store into must live until the command has run.
class Command {
 public:
  explicit Command(CLI::App* app) noexcept : app_(app) {}

  // An option ("-o,--output") or a positional argument ("IMAGE"). T: std::string, std::vector<std::string>, unsigned,
  // std::uint16_t, std::uint64_t, double.
  template <class T>
  Option option(const std::string& names, T& value, const std::string& help) const;
  // Sets `value`; "--no-questions{false}" clears it.
  Option flag(const std::string& names, bool& value, const std::string& help) const;
  // Calls `seen` with the number of times that the flag was given.
  Option flag(const std::string& names, const std::function<void(std::int64_t)>& seen, const std::string& help) const;
  // Options declared from here on stand under this title in --help; "Options" is the command's own.
  void group(const std::string& title) const;
  // Where the command stands in the list of its siblings.
  void listed_under(const std::string& title) const;
  // Below the options in --help: lines that are indented are examples, the others notes.
  void footer(const std::string& text) const;
  // A subcommand of its own; see add_command in command.h for those with the usual options.
  Command subcommand(const std::string& name, const std::string& summary) const;
  // One subcommand must be named.
  void require_subcommand() const;
  // What runs once the command line is read and this command is the one it names.
  void callback(std::function<void()> run) const;

 private:
  CLI::App* app_;
};

// The whole command line as data, for manual pages and completion.
CommandText describe_command_line(const std::string& description, const std::string& version,
                                  const std::function<void(Command)>& declare);

// Declares the program through `declare`, reads the arguments (the first is the program's name) and runs the command
// that they name. Returns the exit status where the arguments themselves end the run (help, version, a mistake, which
// standard error was told), nothing when a command ran.
std::optional<int> run_command_line(std::span<char* const> arguments, const std::string& description,
                                    const std::string& version, const std::function<void(Command)>& declare);

}  // namespace quell::cli
