// SPDX-License-Identifier: GPL-2.0-or-later
// measure RUNS -- COMMAND... [-- COMMAND...]: runs the commands in turn, RUNS times each, with their output discarded,
// and prints for each the median wall time in microseconds and the largest peak memory in KiB. Taking turns keeps
// what else the machine does from favouring one.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct Command {
  std::vector<char*> words{};
  std::vector<double> microseconds{};
  long peak_kib = 0;
};

bool run_once(Command& command) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const auto begin = std::chrono::steady_clock::now();
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, command.words.front(), &actions, nullptr, command.words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return false;
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  command.microseconds.push_back(took.count());
  command.peak_kib = std::max(command.peak_kib, usage.ru_maxrss);
  return WIFEXITED(status) && WEXITSTATUS(status) <= 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Command> commands;
  for (int i = 2; i < argc; ++i) {
    char* word = argv[i];  // NOLINT(cppcoreguidelines-pro-bounds-pointer-arithmetic)
    if (std::string_view(word) == "--") {
      commands.emplace_back();
    } else if (!commands.empty()) {
      commands.back().words.push_back(word);
    }
  }
  if (commands.empty()) {
    std::fputs("usage: measure RUNS -- COMMAND... [-- COMMAND...]\n", stderr);
    return 2;
  }
  for (Command& command : commands) command.words.push_back(nullptr);
  const int runs = std::stoi(argv[1]);  // NOLINT(cppcoreguidelines-pro-bounds-pointer-arithmetic)
  for (int run = 0; run < runs; ++run) {
    for (Command& command : commands) {
      if (run_once(command)) continue;
      std::fprintf(stderr, "measure: %s failed\n", command.words.front());
      return 1;
    }
  }
  for (Command& command : commands) {
    auto& times = command.microseconds;
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
    std::printf("%.0f %ld\n", times[times.size() / 2], command.peak_kib);
  }
  return 0;
}
