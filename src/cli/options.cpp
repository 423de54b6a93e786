// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/command.h"

namespace quell::cli {

Option Option::required() const {
  option_->required();
  return *this;
}

Option Option::words(int count) const {
  option_->expected(count);
  return *this;
}

Option Option::comma_separated() const {
  option_->delimiter(',');
  return *this;
}

Option Option::shows_default() const {
  option_->capture_default_str();
  return *this;
}

Option Option::one_of(const std::vector<std::string>& choices) const {
  option_->check(CLI::IsMember(choices));
  return *this;
}

template <class T>
Option Option::between(T least, T most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}
template Option Option::between(int, int) const;
template Option Option::between(double, double) const;
template Option Option::between(std::uint64_t, std::uint64_t) const;

Option Option::positive() const {
  option_->check(CLI::PositiveNumber);
  return *this;
}

Option Option::byte_size() const {
  option_->transform(CLI::AsSizeValue(false));
  return *this;
}

Option Option::excludes(const Option& other) const {
  option_->excludes(other.option_);
  return *this;
}

template <class T>
Option Command::option(const std::string& names, T& value, const std::string& help) const {
  return Option(app_->add_option(names, value, help));
}
template Option Command::option(const std::string&, std::string&, const std::string&) const;
template Option Command::option(const std::string&, std::vector<std::string>&, const std::string&) const;
template Option Command::option(const std::string&, unsigned&, const std::string&) const;
template Option Command::option(const std::string&, std::uint16_t&, const std::string&) const;
template Option Command::option(const std::string&, std::uint64_t&, const std::string&) const;
template Option Command::option(const std::string&, double&, const std::string&) const;

Option Command::flag(const std::string& names, bool& value, const std::string& help) const {
  return Option(app_->add_flag(names, value, help));
}

Option Command::flag(const std::string& names, const std::function<void(std::int64_t)>& seen,
                     const std::string& help) const {
  return Option(app_->add_flag_function(names, seen, help));
}

void Command::footer(const std::string& text) const { app_->footer(text); }

Command Command::subcommand(const std::string& name, const std::string& summary) const {
  return Command(app_->add_subcommand(name, summary));
}

void Command::require_subcommand() const { app_->require_subcommand(1); }

void Command::callback(std::function<void()> run) const { app_->callback(std::move(run)); }

namespace {

// What is wrong with the arguments, in one line.
std::string complaint(const CLI::App& app, std::span<char* const> arguments, const CLI::ParseError& error) {
  const auto known = app.get_subcommands([](const CLI::App*) { return true; });
  const bool named = arguments.size() > 1 && arguments[1][0] != '-';
  if (named && std::ranges::find(known, arguments[1], &CLI::App::get_name) == known.end())
    return fmt::format("quell: there is no command {}; see quell --help\n", arguments[1]);
  const auto chosen = app.get_subcommands();
  const std::string line = chosen.empty() ? "quell" : "quell " + chosen.front()->get_name();
  return fmt::format("{}: {}; see {} --help\n", line, error.what(), line);
}

}  // namespace

std::optional<int> run_command_line(std::span<char* const> arguments, const std::string& description,
                                    const std::string& version, const std::function<void(Command)>& declare) {
  CLI::App app(description, "quell");
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  declare(Command(&app));
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    say(complaint(app, arguments, error));
    return usage;
  }
  return std::nullopt;
}

}  // namespace quell::cli
