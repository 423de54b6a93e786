// SPDX-License-Identifier: GPL-2.0-or-later
// A machine of 1 MiB behind the fault-injecting programmer, and the program to go at it.
#pragma once

#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <unistd.h>

#include "spi/harness.h"
#include "spi/serprog_server.h"
#include "spi/vault.h"

namespace quell::test {

// Winbond W25Q80: 1 MiB, one definition in the library, no description of its protection.
inline constexpr std::uint32_t small_chip = 0xEF4014;
inline constexpr std::uint64_t small_size = 1024 * 1024;

// The machine with noise in the unused space of its ME region, so that blocks there have sixteen pages to program.
inline Buffer full_machine() {
  Buffer dump = machine(small_size);
  std::mt19937 random(7);
  for (std::byte& byte : std::span(dump).subspan(0x20000, 0x30000)) byte = static_cast<std::byte>(random() & 0xFFU);
  return dump;
}

// A program that was started, for who sends it signals from another thread, perhaps before its start has returned. A
// number that is not known yet would mean every process there is.
class Started {
 public:
  std::function<void(pid_t)> note() {
    return [this](pid_t process) { process_ = process; };
  }
  [[nodiscard]] pid_t process() const {
    while (process_ <= 0) ::usleep(100);
    return process_;
  }
  void send(int signal) const { ::kill(process(), signal); }

 private:
  std::atomic<pid_t> process_ = -1;
};

class ChipBench {
 public:
  ChipBench() : original_(full_machine()), target_(original_) {
    // Three units of the ME region and the descriptor.
    for (const std::uint64_t at : {0x20010ULL, 0x31000ULL, 0x32000ULL, 0x4F000ULL}) change(at);
    change(0x104);  // a strap
    server_ = std::make_unique<SerprogServer>(FlashModel(small_chip, original_));
    write_bytes(folder_ / "target.rom", target_);
  }
  void change(std::uint64_t at) {
    for (std::uint64_t i = 0; i < 64; ++i) target_[at + i] ^= std::byte{0xA5};
  }
  Outcome quell(std::vector<std::string> arguments, RunOptions options = {}) {
    options.program = QUELL_FAST_PROGRAM;
    options.environment.push_back("QUELL_VAULT=" + (folder_ / "vault"));
    arguments.insert(arguments.end(), {"-p", server_->programmer() + programmer_extra_});
    return run(arguments, options);
  }
  Outcome backup(std::vector<std::string> more = {}) {
    more.insert(more.begin(), "backup");
    return quell(std::move(more));
  }
  Outcome flash(std::vector<std::string> more = {}, RunOptions options = {}) {
    more.insert(more.begin(), {"flash", folder_ / "target.rom", "--yes", "--allow", "all", "--allow-untested",
                               "--accept", accepted_});
    return quell(std::move(more), std::move(options));
  }
  Outcome restore(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"restore", "--yes", "--allow-untested"});
    return quell(std::move(more));
  }
  // The hashes of every object the vault holds.
  [[nodiscard]] std::set<std::string> objects() const {
    std::set<std::string> names;
    std::error_code problem;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(folder_.path() / "vault" / "objects", problem)) {
      if (file.is_regular_file()) names.insert(file.path().stem().string());
    }
    return names;
  }
  FlashModel& chip() { return server_->chip(); }

  TemporaryFolder folder_{};
  Buffer original_;
  Buffer target_;
  std::unique_ptr<SerprogServer> server_{};
  std::string programmer_extra_{};
  // The target's changes are no firmware: its ME no longer verifies.
  std::string accepted_ = "all";
};

class ChipFixture : public ::testing::Test, public ChipBench {};

}  // namespace quell::test
