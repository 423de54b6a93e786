// SPDX-License-Identifier: GPL-2.0-or-later
// The whole path from the command line on libflashrom's emulated chips: probe, backup, clean, flash, verify, restore.
#include <random>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "quell/digest.h"
#include "quell/flash/descriptor.h"
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
  const Outcome idle = quell({"restore", "--yes", "-q"});
  EXPECT_EQ(idle.status, 0) << idle.errors;
  EXPECT_EQ(idle.output, "The chip holds this content already.\n");
}

INSTANTIATE_TEST_SUITE_P(Chips, WholePath,
                         ::testing::Values(EmulatedChip{"W25Q128FV", 16 * 1024 * 1024, ""},
                                           EmulatedChip{"MX25L6436", 8 * 1024 * 1024, "MX25L6436E"}),
                         [](const auto& chip) { return chip.param.name; });

// A ThinkPad's pair: 8 MiB with the descriptor and 4 MiB of BIOS, as one machine of 12 MiB.
class DualChip : public ::testing::Test {
 protected:
  void SetUp() override {
    Buffer both = machine(8 * 1024 * 1024);
    const auto descriptor = flash::parse_descriptor(ByteView(both));
    ASSERT_TRUE(descriptor.has_value());
    const auto set = [&](std::uint64_t at, unsigned value) { both[at] = static_cast<std::byte>(value); };
    set(0x15, 1);                                   // FLMAP0: one component more
    set(descriptor->component_section, 0x1C);       // 8 MiB and 4 MiB, three bits each
    set(descriptor->region_section + 4 + 2, 0xFF);  // the BIOS region ends at 0xbfffff
    set(descriptor->region_section + 4 + 3, 0x0B);
    std::mt19937 random(5);
    both.resize(12 * 1024 * 1024, std::byte{0xFF});
    for (std::byte& byte : std::span(both).subspan(11 * 1024 * 1024)) byte = static_cast<std::byte>(random() & 0xFFU);
    both_ = both;
    write_bytes(folder_ / "one.img", Bytes(both).first(8 * 1024 * 1024));
    write_bytes(folder_ / "two.img", Bytes(both).subspan(8 * 1024 * 1024));
  }
  // With the clip on chip 1 or 2; on none for 0.
  Outcome quell(std::vector<std::string> arguments, unsigned chip) {
    if (chip == 1)
      arguments.insert(arguments.end(),
                       {"--chip", "MX25L6436E", "-p", "dummy:emulate=MX25L6436,image=" + (folder_ / "one.img")});
    if (chip == 2)
      arguments.insert(arguments.end(), {"-p", "dummy:emulate=SST25VF032B,image=" + (folder_ / "two.img")});
    if (chip != 0) arguments.insert(arguments.end(), {"--component", std::to_string(chip)});
    RunOptions options;
    options.environment = {"QUELL_VAULT=" + (folder_ / "vault")};
    return run(arguments, options);
  }
  static std::string hash(Bytes bytes) { return to_hex(sha256(bytes)); }
  TemporaryFolder folder_;
  Buffer both_{};
};

TEST_F(DualChip, IsBackedUpJoinedCleanedAndFlashedOneByOne) {
  const Bytes one = Bytes(both_).first(8 * 1024 * 1024), two = Bytes(both_).subspan(8 * 1024 * 1024);
  ASSERT_EQ(quell({"backup"}, 1).status, 0);
  ASSERT_EQ(quell({"backup"}, 2).status, 0);
  ASSERT_EQ(quell({"vault", "join", hash(one), hash(two), "-o", folder_ / "both.rom"}, 0).status, 0);
  EXPECT_EQ(read_bytes(folder_ / "both.rom"), both_);
  ASSERT_EQ(quell({"clean", folder_ / "both.rom", "--soft", "--strip", "--accept-descriptor-alone", "-o",
                   folder_ / "clean.rom"},
                  0)
                .status,
            0);
  const Outcome second = quell({"flash", folder_ / "clean.rom", "--yes"}, 2);
  EXPECT_EQ(second.status, 0) << second.errors;
  EXPECT_THAT(second.output, HasSubstr("already holds"));
  const Outcome first = quell({"flash", folder_ / "clean.rom", "--yes"}, 1);
  EXPECT_EQ(first.status, 0) << first.errors;
  const Buffer cleaned = read_bytes(folder_ / "clean.rom");
  EXPECT_EQ(read_bytes(folder_ / "one.img"), Buffer(cleaned.begin(), cleaned.begin() + 8 * 1024 * 1024));
  EXPECT_EQ(read_bytes(folder_ / "two.img"), Buffer(two.begin(), two.end()));
  EXPECT_EQ(quell({"restore", hash(one), "--yes"}, 1).status, 0);
  EXPECT_EQ(read_bytes(folder_ / "one.img"), Buffer(one.begin(), one.end()));
}

}  // namespace
}  // namespace quell::test
