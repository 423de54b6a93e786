// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <csignal>
#include <exception>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <malloc.h>

#include "base/atomic_file.h"
#include "cli/command.h"
#include "quell/mapped_file.h"
#include "quell/version.h"

namespace quell::cli {

#define QUELL_COMMAND(name) void add_##name(const Command& program, Session& session);
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
#define QUELL_COMMAND(known) \
  if (name == #known) return name;
#include "cli/commands.def"
#undef QUELL_COMMAND
  return {};
}

std::string version_text() { return fmt::format("quell {}\nflash chips: {}", quell::version, QUELL_CHIP_SUPPORT); }

int run(std::span<char* const> arguments) {
  if (!arguments.empty()) {
    const auto called_as = std::filesystem::path(arguments[0]).stem().string();
    if (const Frontend frontend = find_frontend(called_as)) return frontend(arguments);
  }
  if (arguments.size() > 1) {
    if (const Frontend frontend = find_frontend(arguments[1])) return frontend(arguments.subspan(1));
    if (std::string_view(arguments[1]) == "--version") {
      quell::cli::print(version_text() + "\n");
      return quell::cli::done;
    }
  }
  quell::cli::Session session;
  const std::string_view command = command_in(arguments);
  const auto status = quell::cli::run_command_line(
      arguments,
      "quell looks into firmware images, tells the truth about the engines in them, and quiets them where\n"
      "that is possible.",
      version_text(), [&](const quell::cli::Command& program) {
#define QUELL_COMMAND(name) \
  if (command.empty() || command == #name) quell::cli::add_##name(program, session);
#include "cli/commands.def"
#undef QUELL_COMMAND
      });
  return status.value_or(session.status);
}

}  // namespace

int main(int argc, char** argv) {
#ifdef M_ARENA_MAX
  // Memory of its own for the thread that computes a digest would cost more than the thread ever allocates.
  ::mallopt(M_ARENA_MAX, 1);
#endif
  quell::guard_mappings();
  quell::remove_temporaries_on_signals();
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  try {
    return run(std::span<char* const>(argv, static_cast<std::size_t>(argc)));
  } catch (const std::exception& error) {
    quell::cli::say(fmt::format("quell: {}\n", error.what()));
    return quell::cli::io_failure;
  }
}
