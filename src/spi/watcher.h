// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quell::spi {

// Who follows a job: the command line, or a test.
class Watcher {
 public:
  Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  virtual ~Watcher() = default;
  // One line worth knowing now.
  virtual void notice(std::string_view text) = 0;
  // The library's log; 0 is an error, 2 information.
  virtual void log(int level, std::string_view line) = 0;
  // Progress of one stage ("reading", "writing", "verifying") in bytes.
  virtual void progress(std::string_view stage, std::uint64_t done, std::uint64_t total) = 0;
  // A question that `--yes`-like options have not answered; false without a terminal.
  virtual bool ask(std::string_view question) = 0;
  // The last question before writing: the user types `expected`.
  virtual bool confirm(std::string_view question, std::string_view expected) = 0;
};

}  // namespace quell::spi
