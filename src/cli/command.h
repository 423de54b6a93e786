// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "cli/options.h"
#include "quell/result.h"

namespace quell::cli {

// Exit statuses, the same for every command.
enum Status : int { done = 0, verdict_bad = 1, usage = 2, not_recognised = 3, refused = 4, io_failure = 5 };

// What one run of the program was asked for, and how it ends.
struct Session {
  bool json = false;
  std::string color = "auto";  // "auto", "always", "never"
  int verbosity = 0;           // -q is -1, each -v adds one
  int status = done;

  // Whether standard output gets colour: the option, then NO_COLOR, then whether it is a terminal.
  [[nodiscard]] bool use_color() const;
  // Columns of the terminal at standard output; 0 when it is none.
  [[nodiscard]] unsigned width() const;
};

// The exit status that stands for this kind of failure.
int status_of(Errc code) noexcept;

// What this run has printed on standard output so far, and the last complaint on standard error.
struct Spoken {
  bool printed = false;
  std::string complaint{};
};
const Spoken& spoken() noexcept;

// Prints "quell: <subject>: <message> (at 0x...)" to standard error, without repeating the subject when the message
// already begins with it and with the options that lift a refusal where the command has them (`offered`). Returns the
// exit status for it.
int complain(const Error& error, std::string_view subject = {}, Overrides offered = {});

// Prints to standard output; of what steers a terminal only colours get through. A reader that went away or a full disk
// ends the program with status 5.
void print(std::string_view text);
// The text with every line that is longer than `width` broken at blanks; what continues a line keeps its indent.
std::string fit(std::string_view text, std::size_t width);
// Text on standard error, in which nothing steers the terminal; where that is full or gone there is nobody to tell.
void say(std::string_view text);
// The same for what is to steer it: a progress bar.
void steer(std::string_view text) noexcept;

// Adds the flags that stand for `offered`. Override::place takes a value, so the command declares it itself.
void add_override_options(const Command& command, Overrides offered, Overrides& accepted);

// How a command can be told to print. It offers what it heeds, and nothing else.
struct Prints {
  enum class More {
    nothing,
    lacks,    // -v tells where the sandbox is not complete
    once,     // -v
    twice,    // -v and -vv
    library,  // what libflashrom says
  };
  bool json = true;
  bool color = true;
  bool quiet = true;
  More more = More::once;
};
inline constexpr Prints no_choice{.json = false, .color = false, .quiet = false, .more = Prints::More::nothing};
// A change of an image, and a conversation with a chip.
inline constexpr Prints of_change{.color = false, .more = Prints::More::lacks};
inline constexpr Prints of_chip{.color = false, .more = Prints::More::library};

// Adds a subcommand with the help text, an example for the foot of it, and of --json, --color, -v and -q those that
// `prints` names.
Command add_command(const Command& app, Session& session, const std::string& name, const std::string& summary,
                    const std::string& example, const Prints& prints = {});

}  // namespace quell::cli
