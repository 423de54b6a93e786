// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/programmer.h"

#include <gmock/gmock.h>

#include "spi/access.h"

namespace quell::spi {
namespace {

using ::testing::HasSubstr;

struct Naming {
  const char* given;
  const char* name;
  const char* parameters;
  std::uint64_t clock;
};

TEST(Programmer, UnderstandsFlashromsSyntaxAndShortNames) {
  for (const Naming& c : {
           Naming{"ch341a", "ch341a_spi", "", 2'000'000},
           Naming{"ch341a_spi", "ch341a_spi", "", 2'000'000},
           Naming{"rpi", "linux_spi", "dev=/dev/spidev0.0,spispeed=8000", 8'000'000},
           Naming{"rpi:spispeed=512", "linux_spi", "dev=/dev/spidev0.0,spispeed=512", 512'000},
           Naming{"linux_spi:dev=/dev/spidev1.0", "linux_spi", "dev=/dev/spidev1.0", 2'000'000},
           Naming{"serprog:ip=127.0.0.1:99,spispeed=2M", "serprog", "ip=127.0.0.1:99,spispeed=2M", 2'000'000},
           Naming{"dummy:emulate=W25Q128FV", "dummy", "bus=spi,emulate=W25Q128FV", 100'000'000},
           Naming{"dummy:bus=spi+prog,emulate=X", "dummy", "bus=spi+prog,emulate=X", 100'000'000},
           Naming{"buspirate_spi:dev=/dev/ttyUSB0", "buspirate_spi", "dev=/dev/ttyUSB0", 1'000'000},
       }) {
    const auto programmer = Programmer::parse(c.given);
    ASSERT_TRUE(programmer.has_value()) << c.given;
    EXPECT_EQ(programmer->name(), c.name) << c.given;
    EXPECT_EQ(programmer->parameters(), c.parameters) << c.given;
    EXPECT_EQ(programmer->clock(), c.clock) << c.given;
  }
}

TEST(Programmer, RefusesNoName) {
  for (const char* text : {"", ":dev=x"}) EXPECT_EQ(Programmer::parse(text).error().code, Errc::usage) << text;
}

TEST(Programmer, StepsTheClockDownToTheLowest) {
  auto programmer = *Programmer::parse("rpi");
  std::vector<std::uint64_t> clocks;
  while (programmer.slow_down()) clocks.push_back(programmer.clock());
  EXPECT_THAT(clocks, ::testing::ElementsAre(4'000'000, 2'000'000, 1'000'000, 512'000));
  EXPECT_EQ(programmer.parameter("spispeed"), "512");
  EXPECT_FALSE(Programmer::parse("ch341a")->slow_down()) << "its clock is fixed";
}

TEST(Programmer, HostileNumbersDoNotBecomeAZeroClock) {
  for (const char* text : {"rpi:spispeed=0", "rpi:spispeed=99999999999999999999999",
                           "rpi:spispeed=18446744073709551615", "rpi:spispeed=x"}) {
    EXPECT_NE(Programmer::parse(text)->clock(), 0U) << text;
  }
}

TEST(Programmer, SaysBeforeStartingWhatIsMissing) {
  EXPECT_THAT(Programmer::parse("linux_spi:dev=/nowhere/spidev9.9")->preflight().error().message,
              HasSubstr("There is no /nowhere/spidev9.9"));
  EXPECT_THAT(Programmer::parse("linux_spi")->preflight().error().message, HasSubstr("dev= is missing"));
  EXPECT_THAT(Programmer::parse("serprog")->preflight().error().message, HasSubstr("ip=HOST:PORT"));
  EXPECT_TRUE(Programmer::parse("serprog:ip=127.0.0.1:1")->preflight().has_value());
}

TEST(Programmer, TheLockIsThatOfTheDevice) {
  const auto lock = [](const char* text) { return Programmer::parse(text)->lock_name(); };
  EXPECT_EQ(lock("rpi"), lock("linux_spi:dev=/dev/spidev0.0,spispeed=1000")) << "another clock, the same device";
  EXPECT_NE(lock("rpi"), lock("linux_spi:dev=/dev/spidev0.1"));
}

TEST(Supply, KnowsLowVoltagePartsByTheirId) {
  EXPECT_EQ(supply_voltage("c22537"), "1.8");
  EXPECT_EQ(supply_voltage("ef4018"), "3.3");
  EXPECT_EQ(supply_voltage("123456"), "");
}

}  // namespace
}  // namespace quell::spi
