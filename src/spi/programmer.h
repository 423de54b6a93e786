// SPDX-License-Identifier: GPL-2.0-or-later
// The device between this machine and the chip, named as flashrom names it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/result.h"

namespace quell::spi {

class Programmer {
 public:
  // "-p" as flashrom takes it (NAME[:PARAMETERS]) or a short name from data/programmers.csv; parameters given beside a
  // short name replace its defaults one by one. Errc::usage for an empty name.
  static Result<Programmer> parse(std::string_view text);

  // The library's name of the driver, and its parameters at the present speed.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::string parameters() const;
  // NAME:PARAMETERS, for people and manifests.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool internal() const noexcept { return name_ == "internal"; }
  [[nodiscard]] bool raspberry_pi() const noexcept { return name_ == "linux_spi"; }
  // The value of a parameter; empty when it was not given.
  [[nodiscard]] std::string parameter(std::string_view key) const;

  // The clock in Hz: the one asked for, or the usual one of this programmer. Never zero.
  [[nodiscard]] std::uint64_t clock() const noexcept { return clock_; }
  // Takes the next lower clock; false when there is none, or the programmer has no choice of clocks.
  bool slow_down();

  // Looks for what the programmer needs before anything is started: a device node, a permission, a USB device.
  [[nodiscard]] Result<void> preflight() const;
  // What to do when it does not start.
  [[nodiscard]] const std::string& absent_advice() const noexcept { return absent_advice_; }
  // Whether somebody has to have looked at the wires first: a clip on a board.
  [[nodiscard]] bool asks_about_wiring() const noexcept { return asks_about_wiring_; }
  // What has to be asked besides: boards of this kind are known to drive 5 V. Empty for others.
  [[nodiscard]] const std::string& level_question() const noexcept { return level_question_; }
  // The device node that it is reached through; empty for USB, network and emulated ones.
  [[nodiscard]] std::string node() const;
  // A file name that is the same for the same device, for the lock.
  [[nodiscard]] std::string lock_name() const;

 private:
  struct Parameter {
    std::string key{};
    std::string value{};
    bool has_value = false;
  };
  void set(std::string_view text);
  void take_clock();

  std::string name_{};
  std::vector<Parameter> parameters_{};
  std::string speed_parameter_{};
  std::uint64_t speed_unit_ = 1;
  std::vector<std::uint64_t> speeds_{};  // in units, falling
  std::uint64_t clock_ = 1'000'000;
  std::string needs_{};
  std::string absent_advice_{};
  bool asks_about_wiring_ = false;
  std::string level_question_{};
};

// The short names, for help texts: "ch341a, rpi, ...".
std::string short_names();

}  // namespace quell::spi
