// SPDX-License-Identifier: GPL-2.0-or-later
// One lock a device, whoever asks and wherever their vault and runtime folder are.
#include "spi/device_lock.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include "spi/harness.h"

namespace quell::spi {
namespace {

using ::testing::HasSubstr;

Programmer named(const std::string& text) { return *Programmer::parse(text); }

void expect_busy(const Programmer& programmer) {
  const auto second = lock_device(programmer);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::refused);
  EXPECT_THAT(second.error().message, HasSubstr("Another quell is using the programmer"));
}

class DeviceLock : public testing::Test {
 protected:
  DeviceLock() { test::write_bytes(node_, as_bytes("x")); }
  void TearDown() override { ::unsetenv("XDG_RUNTIME_DIR"); }
  test::TemporaryFolder folder_{};
  std::string node_ = folder_ / "spidev0.0";
};

TEST_F(DeviceLock, OfANodeIsOnTheNodeItself) {
  ASSERT_EQ(::setenv("XDG_RUNTIME_DIR", (folder_ / "one").c_str(), 1), 0);
  {
    const auto first = lock_device(named("linux_spi:dev=" + node_));
    ASSERT_TRUE(first.has_value()) << first.error().message;
    ASSERT_EQ(::setenv("XDG_RUNTIME_DIR", (folder_ / "two").c_str(), 1), 0);
    expect_busy(named("linux_spi:spispeed=1000,dev=" + node_));
  }
  EXPECT_TRUE(lock_device(named("linux_spi:dev=" + node_)).has_value()) << "kept after its end";
}

TEST_F(DeviceLock, OfWhatHasNoNodeIsANameForAllUsers) {
  const auto first = lock_device(named("serprog:ip=192.0.2.1:1"));
  ASSERT_TRUE(first.has_value()) << first.error().message;
  ASSERT_EQ(::setenv("XDG_RUNTIME_DIR", (folder_ / "two").c_str(), 1), 0);
  expect_busy(named("serprog:ip=192.0.2.1:1,spispeed=1M"));
  EXPECT_TRUE(lock_device(named("serprog:ip=192.0.2.2:1")).has_value()) << "another device";
}

// Without the lock nothing is done.
TEST_F(DeviceLock, ThatCannotBeTakenIsAnError) {
  const auto lock = lock_device(named("linux_spi:dev=" + (folder_ / "nowhere")));
  ASSERT_FALSE(lock.has_value());
  EXPECT_EQ(lock.error().code, Errc::io);
  EXPECT_THAT(lock.error().message, HasSubstr("The lock on the programmer cannot be taken"));
}

}  // namespace
}  // namespace quell::spi
