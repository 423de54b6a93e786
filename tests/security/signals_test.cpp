// SPDX-License-Identifier: GPL-2.0-or-later
// A signal at any moment leaves the input, and the output whole or absent; nothing else.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <random>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// QUELL_SIGNALS sets how many moments each signal is tried at; the full campaign is 200.
int moments() {
  const char* wanted = std::getenv("QUELL_SIGNALS");
  return wanted == nullptr ? 20 : std::atoi(wanted);
}

pid_t start(const std::vector<std::string>& arguments) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  for (const int descriptor : {0, 1, 2}) {
    posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY, 0);
  }
  std::vector<std::string> words{QUELL_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = -1;
  EXPECT_EQ(::posix_spawn(&child, QUELL_PROGRAM, &actions, nullptr, argv.data(), ::environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

void end_of(pid_t child) {
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
}

struct Interrupted {
  const char* name;
  std::vector<std::string> arguments;
  std::string output;
};

class Signals : public testing::TestWithParam<Interrupted> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_file(folder_ / "dump.rom", specimen::intel_small_dump(specimen::IntelFlavour::me8)));
    for (const std::string& word : GetParam().arguments) {
      arguments_.push_back(word == "IN" ? (folder_ / "dump.rom").string() : word == "OUT" ? output().string() : word);
    }
    original_ = file_text(folder_ / "dump.rom");
    const auto begin = Clock::now();
    end_of(start(arguments_));
    whole_ = Clock::now() - begin;
    expected_ = pieces();
    ASSERT_FALSE(expected_.empty());
    fs::remove_all(output());
  }

  [[nodiscard]] fs::path output() const { return folder_ / GetParam().output; }
  // The names of what was made.
  [[nodiscard]] std::vector<std::string> pieces() const {
    std::vector<std::string> out;
    if (!fs::exists(output())) return out;
    out.push_back(GetParam().output);
    if (!fs::is_directory(output())) return out;
    for (const auto& entry : fs::recursive_directory_iterator(output())) out.push_back(entry.path().string());
    std::ranges::sort(out);
    return out;
  }
  void interrupt(int signal, std::chrono::nanoseconds after) {
    const pid_t child = start(arguments_);
    std::this_thread::sleep_for(after);
    ::kill(child, signal);
    end_of(child);
  }
  void expect_all_or_nothing(int signal) {
    const auto made = pieces();
    EXPECT_TRUE(made.empty() || made == expected_) << ::strsignal(signal) << testing::PrintToString(made);
    EXPECT_EQ(file_text(folder_ / "dump.rom"), original_);
    fs::remove_all(output());
    EXPECT_THAT(folder_.names(), testing::ElementsAre("dump.rom")) << ::strsignal(signal);
  }

  TemporaryFolder folder_;              // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  std::vector<std::string> arguments_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  std::vector<std::string> expected_;   // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  std::string original_;                // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  std::chrono::nanoseconds whole_{};    // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_P(Signals, LeaveNothingHalfMade) {
  std::mt19937 random(20);
  std::uniform_real_distribution<double> share(0, 1.2);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGXCPU, SIGXFSZ, SIGALRM, SIGUSR1}) {
    for (int i = 0; i < moments(); ++i) {
      interrupt(signal, std::chrono::duration_cast<std::chrono::nanoseconds>(whole_ * share(random)));
      expect_all_or_nothing(signal);
    }
  }
}

TEST_P(Signals, WhatAKillLeavesTheNextRunRemoves) {
  std::mt19937 random(21);
  std::uniform_real_distribution<double> share(0, 1.2);
  for (int i = 0; i < moments(); ++i) {
    interrupt(SIGKILL, std::chrono::duration_cast<std::chrono::nanoseconds>(whole_ * share(random)));
    EXPECT_EQ(file_text(folder_ / "dump.rom"), original_);
    fs::remove_all(output());
    end_of(start(arguments_));
    expect_all_or_nothing(SIGKILL);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Signals,
                         testing::Values(Interrupted{"clean", {"clean", "IN", "--strip", "-o", "OUT"}, "out.rom"},
                                         Interrupted{"extract", {"extract", "IN", "-d", "OUT"}, "parts"}),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace quell::test
