// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's GPIO interface, played by the test.
#include "spi/gpio.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/gpio.h>
#include <unistd.h>

#include "spi/harness.h"

namespace quell::spi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct FakeKernel {
  std::string label = "pinctrl-bcm2711";
  std::string consumer{};  // who holds GPIO24 already
  unsigned low = 0;        // the line that reads 0
  std::vector<unsigned> requested{};
  std::uint64_t flags = 0;
  std::vector<std::pair<int, unsigned>> lines{};

  GpioSystem system() {
    return {[] { return std::vector<std::string>{"/dev/gpiochip0"}; },
            [](const std::string&) { return ::open("/dev/null", O_RDWR | O_CLOEXEC); },
            [this](int descriptor, unsigned long request, void* argument) {
              return answer(descriptor, request, argument);
            }};
  }

  int answer(int descriptor, unsigned long request, void* argument) {
    if (request == GPIO_GET_CHIPINFO_IOCTL) {
      std::strncpy(static_cast<gpiochip_info*>(argument)->label, label.c_str(), 31);
      return 0;
    }
    if (request == GPIO_V2_GET_LINEINFO_IOCTL) {
      std::strncpy(static_cast<gpio_v2_line_info*>(argument)->consumer, consumer.c_str(), 31);
      return 0;
    }
    if (request == GPIO_V2_GET_LINE_IOCTL) {
      auto& line = *static_cast<gpio_v2_line_request*>(argument);
      if (!consumer.empty() && line.offsets[0] == 24) return -EBUSY;
      requested.push_back(line.offsets[0]);
      flags = line.config.flags;
      line.fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
      lines.emplace_back(line.fd, line.offsets[0]);
      return 0;
    }
    auto& values = *static_cast<gpio_v2_line_values*>(argument);
    for (const auto& [open, gpio] : lines) {
      if (open == descriptor) values.bits = gpio == low ? 0 : 1;
    }
    return 0;
  }
};

TEST(PullUps, RequestsBothLinesAsPulledUpInputsAndHoldsThem) {
  FakeKernel kernel;
  const auto held = PullUps::request(kernel.system());
  ASSERT_TRUE(held.has_value()) << held.error().message;
  EXPECT_TRUE(held->held());
  EXPECT_THAT(kernel.requested, ElementsAre(23, 24));
  EXPECT_EQ(kernel.flags, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_BIAS_PULL_UP);
  for (const auto& [descriptor, gpio] : kernel.lines) EXPECT_NE(::fcntl(descriptor, F_GETFD), -1) << "released";
}

// Whether the board holds it or the driver cannot pull cannot be told from here: the message says how to find out.
TEST(PullUps, SaysWhatALineThatStaysLowCanMean) {
  FakeKernel kernel;
  kernel.low = 24;
  const std::string message = PullUps::request(kernel.system()).error().message;
  EXPECT_THAT(message, HasSubstr("/HOLD (GPIO24) stays low"));
  EXPECT_THAT(message, HasSubstr("the board holds it low"));
  EXPECT_THAT(message, HasSubstr("has no pull-ups"));
  EXPECT_THAT(message, HasSubstr("Take the clip off and try again"));
}

TEST(PullUps, NamesWhoUsesTheLine) {
  FakeKernel kernel;
  kernel.consumer = "pigpiod";
  EXPECT_THAT(PullUps::request(kernel.system()).error().message, HasSubstr("GPIO24 is used by pigpiod"));
}

TEST(PullUps, LeavesOtherMachinesAlone) {
  FakeKernel kernel;
  kernel.label = "INT34C5:00";
  EXPECT_THAT(PullUps::request(kernel.system()).error().message, HasSubstr("no GPIO chip of a Raspberry Pi"));
  EXPECT_TRUE(kernel.requested.empty());
}

TEST(UnderVoltage, IsReadFromTheRaspberryPisSensor) {
  const test::TemporaryFolder root;
  const auto folder = root.path() / "sys/class/hwmon/hwmon0";
  std::filesystem::create_directories(folder);
  test::write_bytes(folder / "name", as_bytes("rpi_volt\n"));
  test::write_bytes(folder / "in0_lcrit_alarm", as_bytes("0\n"));
  EXPECT_FALSE(under_voltage(root.path().string()));
  test::write_bytes(folder / "in0_lcrit_alarm", as_bytes("1\n"));
  EXPECT_TRUE(under_voltage(root.path().string()));
  EXPECT_FALSE(under_voltage(root / "nothing"));
}

}  // namespace
}  // namespace quell::spi
