// SPDX-License-Identifier: GPL-2.0-or-later
// Takes what quell needs out of libflashrom's log. 1.3.0 tells the name, ID and status register of a chip, and that it
// is about to erase more than it was asked to, in no other way.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace quell::spi {

struct LogFacts {
  std::string vendor{};
  std::string name{};
  std::string bus{};
  std::uint64_t size = 0;
  std::string jedec_id{};
  std::optional<std::uint8_t> status_register{};
};

class LogFilter {
 public:
  LogFilter(std::function<void(int level, std::string_view line)> log, std::function<void()> escalation)
      : log_(std::move(log)), escalation_(std::move(escalation)) {}

  // One call of the library's log callback.
  void take(int level, const char* format, std::va_list arguments);
  // Sends what is left of an unfinished line.
  void flush();

  LogFacts facts{};
  bool writing = false;  // whether an escalation can happen now
  bool silent = false;   // collect facts only

 private:
  std::function<void(int level, std::string_view line)> log_;
  std::function<void()> escalation_;
  std::string line_{};
  int line_level_ = 5;
};

}  // namespace quell::spi
