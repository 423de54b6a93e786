// SPDX-License-Identifier: GPL-2.0-or-later
// What is refused before anything is written, with the message a user sees.
#include "spi/failure_fixture.h"

namespace quell::test {
namespace {

using ::testing::HasSubstr;

TEST_F(FailureTable, ProtectionLockedByThePin) {
  ASSERT_EQ(backup().status, 0);
  chip().status = 0x9C;
  chip().faults.wp_low = true;
  const Outcome outcome = flash({"--allow-register-write", "--clear-protection"});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors,
              HasSubstr("Protection is locked by the /WP pin: check that /WP is connected to 3.3 V or pulled up."));
  EXPECT_EQ(chip().pages, 0U);
}

TEST_F(FailureTable, ProtectionIsReportedBeforeReading) {
  chip().status = 0x1C;
  const Outcome outcome = backup();
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors, HasSubstr("--allow-register-write"));
  EXPECT_EQ(chip().status_writes, 0U) << "reading rewrote the register before anybody agreed";
  EXPECT_EQ(backup({"--allow-register-write"}).status, 0);
  EXPECT_EQ(chip().status, 0x1C) << "the register was not put back";
}

struct LockedChip {
  const char* status;
  const char* message;
};

TEST_F(FailureTable, ProtectionUntilPowerCycleOrForEver) {
  const std::string image = folder_ / "chip.img";
  const Buffer content = machine(16 << 20);
  Buffer changed = content;
  changed[0x40000] ^= std::byte{1};
  write_bytes(folder_ / "changed.rom", changed);
  for (const LockedChip& c : {LockedChip{"0x011c", "The chip's protection holds until it loses power."},
                              LockedChip{"0x019c", "The chip's protection is permanent"}}) {
    write_bytes(image, content);
    RunOptions options;
    options.environment = {"QUELL_VAULT=" + (folder_ / "vault")};
    const std::string open = "dummy:bus=spi,emulate=W25Q128FV,image=" + image;
    ASSERT_EQ(run({"backup", "-p", open}, options).status, 0);
    const Outcome outcome =
        run({"flash", folder_ / "changed.rom", "--yes", "--allow", "all", "--accept", "all", "--allow-register-write",
             "--clear-protection", "-p", open + ",spi_status=" + c.status},
            options);
    EXPECT_EQ(outcome.status, 4) << c.status << outcome.errors;
    EXPECT_THAT(outcome.errors, HasSubstr(c.message)) << c.status;
    EXPECT_EQ(read_bytes(image), content);
  }
}

TEST_F(FailureTable, ImageOfAnotherSize) {
  ASSERT_EQ(backup().status, 0);
  write_bytes(folder_ / "target.rom", machine(2 << 20));
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors, HasSubstr("The image has 2 MiB, the chip 1 MiB"));
}

TEST_F(FailureTable, ImageThatFailsTheCheck) {
  ASSERT_EQ(backup().status, 0);
  Buffer bad = original_;
  for (std::size_t i = 0; i < 4096; ++i) bad[i] = std::byte{0};
  write_bytes(folder_ / "target.rom", bad);
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors, HasSubstr("there is no valid flash descriptor"));
  EXPECT_EQ(chip().pages, 0U);
}

TEST_F(FailureTable, NobodySaidYes) {
  ASSERT_EQ(backup().status, 0);
  const Outcome outcome =
      quell({"flash", folder_ / "target.rom", "--allow", "all", "--allow-untested", "--accept", "all"});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors, HasSubstr("Not confirmed. Nothing was written to the chip."));
  EXPECT_EQ(chip().pages, 0U);
}

TEST_F(FailureTable, RegionsNobodyAskedToChange) {
  ASSERT_EQ(backup().status, 0);
  Buffer bad = original_;
  bad[small_size - 0x1000] ^= std::byte{1};
  write_bytes(folder_ / "target.rom", bad);
  const Outcome outcome = quell({"flash", folder_ / "target.rom", "--yes", "--allow-untested", "--accept", "all"});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors, HasSubstr("The image changes bios"));
  EXPECT_THAT(outcome.errors, HasSubstr("Insist with --allow REGIONS."));
}

TEST_F(FailureTable, NothingOnTheClip) {
  chip().jedec = 0xFFFFFF;
  const Outcome outcome = quell({"probe"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("No flash chip answers"));
  EXPECT_THAT(outcome.errors, HasSubstr("all ones"));
}

struct BadCommand {
  std::vector<std::string> arguments;
  int status;
  const char* message;
};

TEST(WithoutAProgrammer, ThereIsOneClearMessageAndWhatToDo) {
  const TemporaryFolder folder;
  write_bytes(folder / "locked", as_bytes("x"));
  for (const BadCommand& c : {
           BadCommand{{"probe"}, 2, "No programmer was named."},
           BadCommand{{"probe", "-p", "nonsense"}, 2, "knows no programmer named nonsense"},
           BadCommand{{"probe", "-p", "ch341a", "--yes-wiring"}, 5, "ch341a_spi does not start"},
           BadCommand{{"probe", "-p", "rpi", "--yes-wiring"}, 5, "There is no /dev/spidev0.0"},
           BadCommand{{"probe", "-p", "rpi:dev=/dev/null"}, 4, "The wiring was not confirmed"},
           BadCommand{{"probe", "-p", "dummy:emulate=W25Q128FV,nonsense=1"}, 2, "does not take the parameter nonsense"},
           BadCommand{{"probe", "-p", "dummy:emulate=W25Q999"}, 5, "dummy does not start"},
           BadCommand{
               {"probe", "-p", "dummy:emulate=W25Q128FV", "--chip", "W25Q999"}, 2, "no chip definition named W25Q999"},
           BadCommand{{"probe", "-p", "internal"}, 4, "changes chipset registers"},
           BadCommand{{"flash", folder / "locked", "-p", "internal"}, 4, "changes chipset registers"},
           BadCommand{{"flash", folder / "locked", "--root", folder / "locked"}, 2, "--root goes with --advise"},
           BadCommand{{"flash", "--advise", "--root", folder / "none"}, 5, "none"},
           BadCommand{{"backup", "-p", "dummy:emulate=MX25L6436"}, 4, "4 chip definitions fit this chip (ID c22017)"},
       }) {
    auto arguments = c.arguments;
    RunOptions options;
    options.environment = {"QUELL_VAULT=" + (folder / "vault")};
    const Outcome outcome = run(arguments, options);
    EXPECT_EQ(outcome.status, c.status) << ::testing::PrintToString(c.arguments) << outcome.errors;
    EXPECT_THAT(outcome.errors, HasSubstr(c.message));
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1) << outcome.errors;
  }
}

}  // namespace
}  // namespace quell::test
