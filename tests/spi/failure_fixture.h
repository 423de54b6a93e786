// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "spi/chip_fixture.h"

namespace quell::test {

class FailureTable : public ChipFixture {
 protected:
  // The chip that was interrupted is brought to the target by the same command, and back by `restore`.
  void expect_recovery() {
    server_->on_connect = {};
    chip().power_up();
    const Outcome again = flash();
    EXPECT_EQ(again.status, 0) << again.errors;
    EXPECT_EQ(chip().memory, target_);
    EXPECT_EQ(restore({spi_original()}).status, 0);
    EXPECT_EQ(chip().memory, original_);
  }
  [[nodiscard]] std::string spi_original() const { return to_hex(sha256(original_)); }
  void on_connection(unsigned number, std::function<void()> action) {
    server_->on_connect = [number, action = std::move(action)](unsigned connection) {
      if (connection == number) action();
    };
  }
};

}  // namespace quell::test
