// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmp.h>
#include <malloc.h>
#include <unistd.h>

#include "base/leftovers.h"
#include "base/sandbox.h"
#include "base/signals.h"
#include "cli/command.h"
#include "report/built_in.h"
#include "report/json.h"

namespace quell::cli {

#define QUELL_COMMAND(name, group) void add_##name(const Command& program, Session& session);
#include "cli/commands.def"
#undef QUELL_COMMAND

}  // namespace quell::cli

namespace quell::compat {

#define QUELL_FRONTEND(name, function) int function(std::span<char* const> arguments);
#include "compat/frontends.def"
#undef QUELL_FRONTEND

}  // namespace quell::compat

namespace {

using Frontend = int (*)(std::span<char* const>);

Frontend find_frontend([[maybe_unused]] std::string_view name) {
#define QUELL_FRONTEND(frontend_name, function) \
  if (name == #frontend_name) return quell::compat::function;
#include "compat/frontends.def"
#undef QUELL_FRONTEND
  return nullptr;
}

// The command that the line names, where it is one of ours: options of all others need not be set up.
std::string_view command_in(std::span<char* const> arguments) {
  const auto words = arguments.subspan(std::min<std::size_t>(arguments.size(), 1));
  const auto word = std::ranges::find_if(words, [](std::string_view text) { return !text.starts_with('-'); });
  if (word == words.end()) return {};
  const std::string_view name = *word;
#define QUELL_COMMAND(known, group) \
  if (name == #known) return name;
#include "cli/commands.def"
#undef QUELL_COMMAND
  return {};
}

std::string version_text() {
  return quell::report::version_text(quell::report::built_in(), quell::available_sandbox());
}

// --version before anything of the option parser is made.
std::optional<int> print_version(std::span<char* const> words) {
  constexpr std::string_view version = "--version";
  constexpr std::string_view json = "--json";
  const bool both =
      words.size() == 2 && (words[0] == version ? words[1] == json : words[0] == json && words[1] == version);
  if (words[0] != version && !both) return std::nullopt;
  if (both) {
    quell::cli::print(quell::report::version_json(quell::report::built_in(), quell::available_sandbox()));
    return quell::cli::done;
  }
  if (words.size() > 1) {
    return quell::cli::complain({quell::Errc::usage, "--version stands alone, or with --json", {}});
  }
  quell::cli::print(version_text() + "\n");
  return quell::cli::done;
}

constexpr const char* description =
    "quell looks into firmware images, tells the truth about the engines in them, and quiets them where that is "
    "possible.";

constexpr const char* start_page =
    "quell finds the computer inside your computer, and quiets it where that is possible.\n"
    "  quell inspect dump.rom    what is in an image, and what can be done about it\n"
    "  quell status              the engines of this machine, as they run now\n"
    "  quell guide               with a clip and a programmer: the whole path, step by step\n"
    "  quell help [COMMAND]      every command; `quell demo` tries it all on a synthetic machine\n";

quell::cli::CommandText whole_program(quell::cli::Session& session) {
  return quell::cli::describe_command_line(description, version_text(), [&](const quell::cli::Command& program) {
#define QUELL_COMMAND(name, group) quell::cli::add_##name(program, session);
#include "cli/commands.def"
#undef QUELL_COMMAND
  });
}

void list(const quell::cli::CommandText& command) {
  quell::cli::print(command.name + "\n");
  for (const auto& verb : command.verbs) list(verb);
}

// What the build makes manual pages and completion from. Nothing for another word.
std::optional<int> print_description(std::span<char* const> words) {
  const std::string_view what = words[0];
  if (what != "--list-commands" && what != "--print-manual" && what != "--print-completion") return std::nullopt;
  quell::cli::Session session;
  const auto program = whole_program(session);
  if (what == "--list-commands") {
    list(program);
  } else if (what == "--print-manual") {
    quell::cli::print(manual_page(find_command(program, {words.begin() + 1, words.end()})));
  } else {
    const std::string script = completion_script(program, words.size() > 1 ? words[1] : "");
    if (script.empty()) return quell::cli::complain({quell::Errc::usage, "there is completion for bash, zsh and fish"});
    quell::cli::print(script);
  }
  return quell::cli::done;
}

constexpr std::string_view no_memory = "quell: the system gives no more memory; what was not finished was taken back\n";

// GMP's own answer is to abort, and it cannot be left by an exception.
[[noreturn]] void end_without_memory() {
  quell::remove_temporaries();
  static_cast<void>(!::write(STDERR_FILENO, no_memory.data(), no_memory.size()));
  ::_exit(quell::cli::io_failure);
}

void give_numbers_memory() {
  ::mp_set_memory_functions(
      [](std::size_t size) {
        void* memory = std::malloc(size);  // NOLINT(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
        if (memory == nullptr) end_without_memory();
        return memory;
      },
      [](void* old, std::size_t /*before*/, std::size_t size) {
        void* memory = std::realloc(old, size);  // NOLINT(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
        if (memory == nullptr) end_without_memory();
        return memory;
      },
      [](void* old, std::size_t /*size*/) {
        std::free(old);  // NOLINT(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
      });
}

// The destructors of JSON values ask for memory as well, and no exception leaves a destructor.
[[noreturn]] void end_of_an_exception() {
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    end_without_memory();
  } catch (...) {
  }
  std::abort();
}

// `quell help WORDS` is `quell WORDS --help`.
std::vector<char*> as_help(std::span<char* const> arguments) {
  static char option[] = "--help";  // NOLINT(cppcoreguidelines-avoid-c-arrays): an argument vector's own kind
  std::vector<char*> words{arguments[0]};
  words.insert(words.end(), arguments.begin() + 2, arguments.end());
  words.push_back(static_cast<char*>(option));
  return words;
}

int run_words(std::span<char* const> arguments) {
  if (const Frontend frontend = find_frontend(arguments[1])) return frontend(arguments.subspan(1));
  quell::cli::Session session;
  const std::string_view command = command_in(arguments);
  const auto status =
      quell::cli::run_command_line(arguments, description, version_text(), [&](const quell::cli::Command& program) {
        program.footer(
            "Example:\n  quell inspect dump.rom\n  quell help clean\n"
            "me_cleaner, ifdtool and intelmetool take the options of those tools: quell me_cleaner --help.");
#define QUELL_COMMAND(name, group) \
  if (command.empty() || command == #name) quell::cli::add_##name(program, session);
#include "cli/commands.def"
#undef QUELL_COMMAND
      });
  // Whoever asked for a document gets one, also when nothing could be reported.
  const quell::cli::Spoken& spoken = quell::cli::spoken();
  if (session.json && !status && !spoken.printed && !spoken.complaint.empty()) {
    quell::cli::print(quell::report::failure_json(command, spoken.complaint));
  }
  return status.value_or(session.status);
}

// `quell help` of something that there is not.
std::optional<int> refuse_help(std::span<char* const> arguments) {
  const auto words = arguments.subspan(2);
  if (words.empty() || find_frontend(words[0]) != nullptr) return std::nullopt;
  const auto end = std::ranges::find_if(words, [](std::string_view word) { return word.starts_with('-'); });
  const std::vector<std::string> asked(words.begin(), end);
  quell::cli::Session session;
  const std::string found = find_command(whole_program(session), asked).name;
  if (asked.empty() || found == fmt::format("quell {}", fmt::join(asked, " "))) return std::nullopt;
  if (found == "quell") {
    const std::array<char*, 2> alone{arguments[0], words[0]};
    return run_words(alone);  // no command has this name, so none runs, and the complaint names what is near
  }
  return quell::cli::complain(
      {quell::Errc::usage, fmt::format("there is no command {}; see {} --help", fmt::join(asked, " "), found), {}});
}

int run(std::span<char* const> arguments) {
  if (!arguments.empty()) {
    const auto called_as = std::filesystem::path(arguments[0]).stem().string();
    if (const Frontend frontend = find_frontend(called_as)) return frontend(arguments);
  }
  if (arguments.size() < 2) {
    quell::cli::print(start_page);
    return quell::cli::done;
  }
  const std::string_view first = arguments[1];
  if (const auto printed = print_version(arguments.subspan(1))) return *printed;
  if (const auto printed = print_description(arguments.subspan(1))) return *printed;
  if (first == "help") {
    if (const auto refused = refuse_help(arguments)) return *refused;
    return run_words(as_help(arguments));
  }
  return run_words(arguments);
}

}  // namespace

int main(int argc, char** argv) {
  quell::ensure_standard_streams();
#ifdef M_ARENA_MAX
  // Memory of its own for the thread that computes a digest would cost more than the thread ever allocates.
  ::mallopt(M_ARENA_MAX, 1);
#endif
  quell::clean_up_on_signals();
  give_numbers_memory();
  std::set_terminate(end_of_an_exception);
  try {
    return run(std::span<char* const>(argv, static_cast<std::size_t>(argc)));
  } catch (const std::bad_alloc&) {
    quell::cli::say(no_memory);
    return quell::cli::io_failure;
  } catch (const std::exception& error) {
    quell::cli::say(fmt::format("quell: {}\n", error.what()));
    return quell::cli::io_failure;
  }
}
