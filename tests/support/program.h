// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a built program as a user does.
#pragma once

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace quell::test {

struct Outcome {
  int status = -1;  // exit status; 128 + signal
  std::string out{};
  std::string error{};
  std::chrono::milliseconds time{};
};

// Runs to the end; a program that takes over a minute is killed. `environment` holds "NAME=value" to add.
inline Outcome run_program(const std::string& program, const std::vector<std::string>& arguments,
                           const std::vector<std::string>& environment = {}) {
  Outcome outcome;
  std::array<int, 2> out{};
  std::array<int, 2> error{};
  if (::pipe(out.data()) != 0 || ::pipe(error.data()) != 0) return outcome;
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, error[1], 2);
  for (const int end : {out[0], out[1], error[0], error[1]}) posix_spawn_file_actions_addclose(&actions, end);
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> variables = environment;
  for (char** variable = ::environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  std::vector<char*> envp;
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  const auto start = std::chrono::steady_clock::now();
  pid_t child = -1;
  const int problem = ::posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  ::close(error[1]);
  std::array<pollfd, 2> items = {pollfd{out[0], POLLIN, 0}, pollfd{error[0], POLLIN, 0}};
  for (int open = problem == 0 ? 2 : 0; open > 0;) {
    if (std::chrono::steady_clock::now() - start > std::chrono::minutes(1)) ::kill(child, SIGKILL);
    if (::poll(items.data(), items.size(), 1000) <= 0) continue;
    for (pollfd& item : items) {
      if (item.fd < 0 || item.revents == 0) continue;
      std::array<char, 65536> block{};
      const ssize_t count = ::read(item.fd, block.data(), block.size());
      if (count > 0) {
        (&item == items.data() ? outcome.out : outcome.error).append(block.data(), static_cast<std::size_t>(count));
      } else {
        item.fd = -1;
        --open;
      }
    }
  }
  ::close(out[0]);
  ::close(error[0]);
  int status = 0;
  if (problem == 0 && ::waitpid(child, &status, 0) == child)
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  return outcome;
}

// The whole content of a file.
inline std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace quell::test
