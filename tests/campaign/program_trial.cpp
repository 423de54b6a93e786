// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "campaign/program.h"
#include "campaign/trial.h"
#include "quell/digest.h"
#include "quell/mapped_file.h"

namespace quell::campaign {
namespace fs = std::filesystem;

int run_quietly(const std::string& program, const std::vector<std::string>& arguments, const fs::path& messages) {
  std::vector<char*> words;
  std::vector<std::string> copy{program};
  copy.insert(copy.end(), arguments.begin(), arguments.end());
  for (std::string& word : copy) words.push_back(word.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, program.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return -1;
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::optional<std::string> try_program(const Variant& variant, const std::string& program, const std::string& folder) {
  const Folder place(fs::path(folder) / fmt::format("trial-{}", ::getpid()));
  const fs::path input = place.path / "in.rom";
  const fs::path output = place.path / "out.rom";
  const fs::path messages = place.path / "messages";
  if (const auto written = write_file(input, variant.bytes); !written) return written.error().message;
  const Sha256 before = sha256(variant.bytes);

  const std::array<std::vector<std::string>, 5> commands{
      std::vector<std::string>{"inspect", "--json", input},
      {"check", input},
      {"clean", input, "-o", output},
      {"clean", input, "-o", output, "--relocate", "--truncate", "--accept-me12-strip", "--accept-boot-guard"},
      {"me_cleaner", "-O", output, input}};
  for (const auto& command : commands) {
    fs::remove(output);
    const int status = run_quietly(program, command, messages);
    const std::string said = fmt::format("quell {}: ", command.front());
    if (status < 0 || status > 5) return said + fmt::format("ended with status {}", status);
    if (status != 0 && fs::exists(output)) return said + fmt::format("status {} but there is an output", status);
    if (status >= 2 && fs::file_size(messages) == 0) return said + fmt::format("status {} without a word", status);
    if (place.entries() != (fs::exists(output) ? 3U : 2U)) return said + "left something behind";
    const auto after = MappedFile::open(input);
    if (!after || sha256(after->bytes()) != before) return said + "changed its input";
  }
  return std::nullopt;
}

}  // namespace quell::campaign
