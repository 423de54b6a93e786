// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"
#include "base/words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/command.h"

namespace quell::cli {
namespace {

// CLI11 shows checks and types in its own jargon; what is shown here are words.
void show_as(CLI::Option* option, const std::string& word) { option->option_text(word); }

template <class Check>
CLI::Validator silent(const Check& check) {
  CLI::Validator copy = check;
  copy.description("");
  return copy;
}

// No comparison holds for it, so that it lies in every range.
std::string refuse_nan(std::string& word) {
  double value = 0;
  return CLI::detail::lexical_cast(word, value) && std::isnan(value) ? word + " is no number" : "";
}

struct ValueName {
  std::string_view option;
  std::string_view word;
};
// Options whose value is no plain word or number.
constexpr std::array value_names{
    ValueName{"output", "FILE"},       ValueName{"descriptor-out", "FILE"}, ValueName{"me-out", "FILE"},
    ValueName{"layout", "FILE"},       ValueName{"vault", "FOLDER"},        ValueName{"directory", "FOLDER"},
    ValueName{"root", "FOLDER"},       ValueName{"programmer", "NAME"},     ValueName{"chip", "NAME"},
    ValueName{"expect-chip", "NAME"},  ValueName{"patience", "SECONDS"},    ValueName{"keep", "A,B"},
    ValueName{"drop", "A,B"},          ValueName{"allow", "A,B"},           ValueName{"accept", "A,B"},
    ValueName{"hap-at", "OFFSET:BIT"}, ValueName{"lspci", "FILE"},          ValueName{"confirm", "NUMBER"},
    ValueName{"from0", "FILE"},        ValueName{"shard", "I/N"},           ValueName{"timeout", "TIME"},
    ValueName{"memory", "BYTES"},      ValueName{"sqlite", "FILE"},         ValueName{"postgres", "URI"}};

template <class T>
std::string value_name(const CLI::Option& option) {
  for (const ValueName& row : value_names) {
    if (option.check_lname(std::string(row.option))) return std::string(row.word);
  }
  return std::is_arithmetic_v<T> ? "N" : "VALUE";
}

unsigned terminal_width() {
  constexpr unsigned usual = 80, widest = 120;
  winsize size{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's interface
  if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual;
  return std::min<unsigned>(size.ws_col, widest);
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : fmt::format("{} {}", full_name(*app.get_parent()), app.get_name());
}

std::vector<std::string> words_of(std::string_view text, char separator) {
  std::vector<std::string> words;
  for (;;) {
    const auto end = text.find(separator);
    words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

OptionText describe(const CLI::Option& option) {
  OptionText out;
  out.argument = option.get_positional();
  if (out.argument) out.names.push_back(option.get_name(true, false));
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  const bool flag = option.get_type_size() == 0;
  if (!flag) out.value = option.get_option_text();
  if (out.value.find('|') != std::string::npos) out.choices = words_of(out.value, '|');
  out.help = option.get_description();
  if (!option.get_default_str().empty() && !flag)
    out.help += fmt::format(" ({} if not given)", option.get_default_str());
  out.group = option.check_lname("help") ? "Output" : option.get_group();
  out.required = option.get_required();
  out.repeated = option.get_expected_max() > option.get_expected_min() && option.get_expected_max() > 1;
  return out;
}

// Indented lines of a footer are examples.
void take_footer(const std::string& footer, CommandText& out) {
  for (const std::string& line : words_of(footer, '\n')) {
    if (line.starts_with("  ")) {
      out.examples.push_back(line.substr(2));
    } else if (!line.starts_with("Example") && !line.empty()) {
      out.notes += out.notes.empty() ? line : " " + line;
    }
  }
}

CommandText describe(const CLI::App& app) {
  CommandText out;
  out.name = full_name(app);
  out.summary = app.get_description();
  out.group = app.get_group() == "Subcommands" ? "Verbs" : app.get_group();
  for (const CLI::Option* option : app.get_options()) out.options.push_back(describe(*option));
  // A verb inherits the text below its command; that is not its own.
  if (app.get_parent() == nullptr || app.get_parent()->get_footer() != app.get_footer())
    take_footer(app.get_footer(), out);
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    out.verbs.push_back(describe(*verb));
  return out;
}

class WordsFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string /*name*/, CLI::AppFormatMode /*mode*/) const override {
    return help_text(describe(*app), terminal_width());
  }
};

}  // namespace

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
  option_->check(silent(CLI::IsMember(choices)));
  show_as(option_, fmt::format("{}", fmt::join(choices, "|")));
  return *this;
}

template <class T>
Option Option::between(T least, T most) const {
  option_->check(silent(CLI::Range(least, most)));
  if constexpr (std::is_floating_point_v<T>) option_->check(CLI::Validator(refuse_nan, ""));
  return *this;
}
template Option Option::between(int, int) const;
template Option Option::between(double, double) const;
template Option Option::between(std::uint64_t, std::uint64_t) const;

Option Option::positive() const {
  option_->check(silent(CLI::PositiveNumber));
  return *this;
}

Option Option::byte_size() const {
  option_->transform(silent(CLI::AsSizeValue(false)));
  show_as(option_, "SIZE");
  return *this;
}

Option Option::excludes(const Option& other) const {
  option_->excludes(other.option_);
  return *this;
}

template <class T>
Option Command::option(const std::string& names, T& value, const std::string& help) const {
  CLI::Option* option = app_->add_option(names, value, help);
  show_as(option, value_name<T>(*option));
  return Option(option);
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

void Command::group(const std::string& title) const { app_->option_defaults()->group(title); }

void Command::listed_under(const std::string& title) const { app_->group(title); }

void Command::footer(const std::string& text) const { app_->footer(text); }

Command Command::subcommand(const std::string& name, const std::string& summary) const {
  return Command(app_->add_subcommand(name, summary));
}

void Command::require_subcommand() const { app_->require_subcommand(1); }

void Command::callback(std::function<void()> run) const { app_->callback(std::move(run)); }

namespace {

// "; did you mean --soft?" where one of the words is close.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t far = 3;
  std::size_t best = std::min(far, word.size() / 2 + 1);
  std::string nearest;
  for (const std::string& one : known) {
    const std::size_t now = letters_apart(word, one);
    if (now < best) {
      best = now;
      nearest = one;
    }
  }
  return nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest);
}

// An option that the command does not have, and the one that may be meant.
std::string wrong_option(const CLI::App& command, std::span<char* const> arguments) {
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (const std::string_view word : arguments) {
    const std::string_view name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || name.size() < 4 || std::ranges::find(known, name) != known.end()) continue;
    if (std::string hint = did_you_mean(name, known); !hint.empty()) return hint;
  }
  return {};
}

// What is wrong with the arguments, in one line.
std::string complaint(const CLI::App& app, std::span<char* const> arguments, const CLI::ParseError& error) {
  const auto known = app.get_subcommands([](const CLI::App*) { return true; });
  const bool named = arguments.size() > 1 && arguments[1][0] != '-';
  if (named && std::ranges::find(known, arguments[1], &CLI::App::get_name) == known.end()) {
    std::vector<std::string> names{"help", "me_cleaner", "ifdtool", "intelmetool"};
    for (const CLI::App* one : known) names.push_back(one->get_name());
    return fmt::format("quell: there is no command {}{}; see quell help\n", arguments[1],
                       did_you_mean(arguments[1], names));
  }
  const auto chosen = app.get_subcommands();
  const CLI::App* command = chosen.empty() ? &app : chosen.front();
  if (!chosen.empty() && !command->get_subcommands().empty()) command = command->get_subcommands().front();
  const std::string line = full_name(*command);
  return fmt::format("{}: {}{}; see {} --help\n", line, error.what(), wrong_option(*command, arguments), line);
}

void prepare(CLI::App& app, const std::string& version) {
  app.formatter(std::make_shared<WordsFormatter>());
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("--version", version,
                       "print the version and what is built in; with --json also libraries and tables");
  app.require_subcommand(1);
}

}  // namespace

CommandText describe_command_line(const std::string& description, const std::string& version,
                                  const std::function<void(Command)>& declare) {
  CLI::App app(description, "quell");
  prepare(app, version);
  declare(Command(&app));
  return describe(app);
}

std::optional<int> run_command_line(std::span<char* const> arguments, const std::string& description,
                                    const std::string& version, const std::function<void(Command)>& declare) {
  CLI::App app(description, "quell");
  prepare(app, version);
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
