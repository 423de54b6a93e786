// SPDX-License-Identifier: GPL-2.0-or-later
// The whole path from the command line on libflashrom's emulated chips: probe, backup, clean, flash, verify, restore.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "spi/harness.h"

namespace quell::test {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

struct EmulatedChip {
  std::string name;
  std::uint64_t size;
  std::string definition;  // for --chip: one of its markings; empty when the probe is unique
};

class WholePath : public ::testing::TestWithParam<EmulatedChip> {
 protected:
  void SetUp() override {
    image_ = folder_ / "chip.img";
    write_bytes(image_, machine(GetParam().size));
  }
  Outcome quell(std::vector<std::string> arguments, bool chip = true) {
    if (chip) {
      arguments.insert(arguments.end(), {"-p", "dummy:bus=spi,emulate=" + GetParam().name + ",image=" + image_});
      if (!GetParam().definition.empty()) arguments.insert(arguments.end(), {"--chip", GetParam().definition});
    }
    RunOptions options;
    options.environment = {"QUELL_VAULT=" + (folder_ / "vault")};
    return run(arguments, options);
  }
  TemporaryFolder folder_;
  std::string image_;
};

TEST_P(WholePath, EndsWithTheQuietedImageOnTheChipAndBackAgain) {
  const Buffer original = read_bytes(image_);
  EXPECT_EQ(quell({"probe"}).status, 0);
  const Outcome backup = quell({"backup", "-o", folder_ / "original.rom"});
  ASSERT_EQ(backup.status, 0) << backup.errors;
  EXPECT_EQ(read_bytes(folder_ / "original.rom"), original);

  const Outcome inspect = quell({"inspect", folder_ / "original.rom"}, false);
  EXPECT_EQ(inspect.status, 0);
  EXPECT_THAT(inspect.output, HasSubstr("Intel ME"));

  const Outcome clean = quell({"clean", folder_ / "original.rom", "--soft", "--strip", "--accept-descriptor-alone",
                               "-o", folder_ / "clean.rom"},
                              false);
  ASSERT_EQ(clean.status, 0) << clean.errors;
  const Buffer cleaned = read_bytes(folder_ / "clean.rom");
  ASSERT_NE(cleaned, original);

  const Outcome dry = quell({"flash", folder_ / "clean.rom", "--dry-run", "--json"});
  ASSERT_EQ(dry.status, 0) << dry.errors;
  EXPECT_EQ(read_bytes(image_), original) << "a dry run wrote";
  const std::string plan = Json::parse(dry.output)["plan"]["id"];

  const Outcome flash = quell({"flash", folder_ / "clean.rom", "--confirm", plan});
  ASSERT_EQ(flash.status, 0) << flash.errors;
  EXPECT_THAT(flash.output, HasSubstr("Written and verified"));
  EXPECT_EQ(read_bytes(image_), cleaned);

  EXPECT_THAT(quell({"vault", "list"}, false).output, HasSubstr("done"));

  const Outcome again = quell({"flash", folder_ / "clean.rom", "--yes"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.output, HasSubstr("already holds"));

  EXPECT_EQ(quell({"vault", "verify"}, false).status, 0);
  const Outcome restore = quell({"restore", "--yes"});
  ASSERT_EQ(restore.status, 0) << restore.errors;
  EXPECT_EQ(read_bytes(image_), original);
}

INSTANTIATE_TEST_SUITE_P(Chips, WholePath,
                         ::testing::Values(EmulatedChip{"W25Q128FV", 16 * 1024 * 1024, ""},
                                           EmulatedChip{"MX25L6436", 8 * 1024 * 1024, "MX25L6436E"}),
                         [](const auto& chip) { return chip.param.name; });

}  // namespace
}  // namespace quell::test
