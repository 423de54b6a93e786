// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/programmer.h"

#include <array>
#include <filesystem>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spi/access.h"
#include "spi/harness.h"

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

TEST(Programmer, AsksAboutTheLevelWhereBoardsDriveFiveVolts) {
  EXPECT_THAT(Programmer::parse("ch341a")->level_question(), HasSubstr("black board"));
  EXPECT_EQ(Programmer::parse("rpi")->level_question(), "");
}

// A node that is there needs rights, not another line in config.txt.
TEST(Programmer, TellsMissingRightsFromAMissingNode) {
  const test::TemporaryFolder folder;
  const std::string node = folder / "spidev0.0";
  test::write_bytes(node, as_bytes("x"));
  std::filesystem::permissions(node, std::filesystem::perms::none);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    const bool ordinary = ::getuid() != 0 || ::setuid(nobody) == 0;
    const auto ready = Programmer::parse("rpi:dev=" + node)->preflight();
    const std::string said = !ordinary ? "no other user" : ready ? "ready" : ready.error().message;
    ::_exit(::write(ends[1], said.data(), said.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string said(1024, ' ');
  said.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], said.data(), said.size()), 0)));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_THAT(said, HasSubstr("No permission to use " + node));
  EXPECT_THAT(said, ::testing::Not(HasSubstr("dtparam")));
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
