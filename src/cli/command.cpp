// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/leftovers.h"
#include "base/printable.h"
#include "cli/overrides.h"
#include "report/text_writer.h"

namespace quell::cli {

bool Session::use_color() const {
  if (color != "auto") return color == "always";
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return (no_color == nullptr || *no_color == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

unsigned Session::width() const {
  winsize size{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's interface
  if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

int status_of(Errc code) noexcept {
  switch (code) {
    case Errc::usage: return usage;
    case Errc::unrecognised:
    case Errc::damaged:
    case Errc::unsupported: return not_recognised;
    case Errc::refused: return refused;
    case Errc::io: return io_failure;
  }
  return io_failure;
}

namespace {

Spoken& this_run() noexcept {
  static Spoken spoken;
  return spoken;
}

}  // namespace

const Spoken& spoken() noexcept { return this_run(); }

int complain(const Error& error, std::string_view subject, Overrides offered) {
  std::string line = "quell: ";
  if (!subject.empty() && !error.message.starts_with(subject)) line += fmt::format("{}: ", subject);
  line += error.message;
  this_run().complaint = line.substr(std::string_view("quell: ").size());
  line += insist_with(error, offered);
  if (error.offset) line += fmt::format(" (at {:#x})", *error.offset);
  // A line end in a name or a message must not look like one of ours.
  line = printable(line);
  winsize size{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's interface
  const bool terminal = ::isatty(STDERR_FILENO) == 1 && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  say((terminal && size.ws_col > 0 ? fit(line, size.ws_col) : line).append("\n"));
  return status_of(error.code);
}

void print(std::string_view foreign) {
  this_run().printed = true;
  const std::string text = printable_styled(foreign);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written) return;
  std::perror("quell: standard output");
  remove_temporaries();
  std::_Exit(io_failure);
}

namespace {

void add_line(std::string& out, std::string_view line, std::size_t width) {
  const std::string indent(std::min(line.find_first_not_of(' '), line.size()), ' ');
  std::size_t lead = 0;  // columns of what was put before `line`
  while (lead + report::columns(line) > width) {
    std::size_t cut = std::string_view::npos;
    for (std::size_t at = line.find(' ', indent.size() + 1); at != std::string_view::npos;
         at = line.find(' ', at + 1)) {
      if (lead + report::columns(line.substr(0, at)) > width) break;
      cut = at;
    }
    const std::size_t next = cut == std::string_view::npos ? cut : line.find_first_not_of(' ', cut);
    if (next == std::string_view::npos) break;
    out.append(line.substr(0, cut)).append("\n").append(indent);
    lead = indent.size();
    line.remove_prefix(next);
  }
  out.append(line);
}

}  // namespace

std::string fit(std::string_view text, std::size_t width) {
  std::string out;
  for (;;) {
    const std::size_t end = text.find('\n');
    add_line(out, text.substr(0, end), width);
    if (end == std::string_view::npos) return out;
    out.push_back('\n');
    text.remove_prefix(end + 1);
  }
}

void say(std::string_view text) { steer(printable_lines(text)); }

void steer(std::string_view text) noexcept {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

namespace {

// The groups of commands.def, by their titles in `quell help`.
namespace group {
constexpr std::string_view images = "Look into images";
constexpr std::string_view changes = "Change images";
constexpr std::string_view chip = "The chip";
constexpr std::string_view machine = "The live machine";
constexpr std::string_view more = "More";
}  // namespace group

struct ListedCommand {
  std::string_view name;
  std::string_view group;
};
constexpr std::array listed_commands{
#define QUELL_COMMAND(name, title) ListedCommand{#name, group::title},
#include "cli/commands.def"
#undef QUELL_COMMAND
};

// The verbs of a command stand with it, in no group of their own.
std::string_view group_of(std::string_view name) {
  const auto listed = std::ranges::find(listed_commands, name, &ListedCommand::name);
  return listed == listed_commands.end() ? group::more : listed->group;
}

}  // namespace

namespace {

std::string help_of(Prints::More more) {
  switch (more) {
    case Prints::More::nothing: break;
    case Prints::More::lacks: return "say where the sandbox is not complete";
    case Prints::More::once: return "say more";
    case Prints::More::twice: return "say more; repeat for still more";
    case Prints::More::library: return "also what libflashrom complains of; repeat for all that it says";
  }
  return {};
}

}  // namespace

Command add_command(const Command& app, Session& session, const std::string& name, const std::string& summary,
                    const std::string& example, const Prints& prints) {
  const Command command = app.subcommand(name, summary);
  command.listed_under(std::string(group_of(name)));
  command.footer("Example:\n  " + example);
  command.group("Output");
  if (prints.json) command.flag("--json", session.json, "print one JSON document (schema quell/2)");
  if (prints.color) {
    command.option("--color", session.color, "colour the text: auto, always, never")
        .one_of({"auto", "always", "never"});
  }
  if (prints.more != Prints::More::nothing) {
    command.flag(
        "-v,--verbose", [&session](std::int64_t count) { session.verbosity += static_cast<int>(count); },
        help_of(prints.more));
  }
  if (prints.quiet) {
    command.flag(
        "-q,--quiet", [&session](std::int64_t) { session.verbosity = -1; }, "only the verdict");
  }
  command.group("Options");
  return command;
}

void add_override_options(const Command& command, Overrides offered, Overrides& accepted) {
  for (const OverrideOption& row : override_options()) {
    if (!offered.has(row.lifts) || !row.rest.empty()) continue;
    command.flag(
        std::string(row.option), [&accepted, lifts = row.lifts](std::int64_t) { accepted.add(lifts); },
        std::string(row.help));
  }
}

}  // namespace quell::cli
