// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>

#include "quell/raspberrypi/boot_files.h"
#include "quell/raspberrypi/eeprom.h"
#include "quell/specimen/other.h"
#include "support/report_json.h"

namespace quell::raspberrypi {
namespace {

TEST(Eeprom, SignaturesSettingsAndPackedContentOfTheSpecimen) {
  const Buffer bytes = specimen::raspberrypi_eeprom();
  const auto eeprom = parse_eeprom(ByteView(bytes));
  ASSERT_TRUE(eeprom);
  EXPECT_EQ(eeprom->chip(), "BCM2712");
  EXPECT_TRUE(eeprom->problems.empty());
  ASSERT_EQ(eeprom->bootcode_signatures.size(), 1U);
  EXPECT_EQ(eeprom->bootcode_signatures[0].valid, true);
  EXPECT_EQ(eeprom->build.version, "0badcafe");
  EXPECT_EQ(eeprom->build.timestamp, 1700000000U);
  EXPECT_EQ(eeprom->setting("SIGNED_BOOT"), "1");
  EXPECT_EQ(eeprom->setting("SIGNED"), std::nullopt);
  EXPECT_EQ(eeprom->config_signature->digest_matches, true);
  EXPECT_EQ(eeprom->config_signature->rsa_valid, true);
}

TEST(Eeprom, AFlippedBitIsNoticedWhereItLies) {
  struct Case {
    std::size_t offset;
    std::string_view id;
  };
  const Buffer good = specimen::raspberrypi_eeprom();
  const ByteView view(good);
  const auto config = view.find(as_bytes("SIGNED_BOOT=1"));
  const auto packed = view.find(as_bytes("bootmain"));
  ASSERT_TRUE(config && packed);
  for (const Case& c :
       {Case{0x800, "raspberrypi.stage.signature-bad"}, Case{*config, "raspberrypi.config.signature-bad"},
        Case{*packed + 16 + 3, "raspberrypi.section.digest"}}) {
    Buffer bytes = good;
    bytes.at(c.offset) ^= std::byte{1};
    EXPECT_FALSE(test::finding(test::inspect(bytes, "eeprom.bin"), c.id).is_null()) << c.id;
  }
}

TEST(Eeprom, ACopyThatReachesBeforeTheStartIsRefused) {
  const Buffer packed{std::byte{1}, std::byte{200}, std::byte{3}};
  Section section{.kind = SectionKind::compressed, .content = ByteView(packed)};
  EXPECT_FALSE(unpack(section));
}

TEST(BootFile, IsKnownByNameAndShape) {
  Buffer code(0x8000, std::byte{0x42});
  std::fill_n(code.begin(), 512, std::byte{0});
  EXPECT_EQ(read_boot_file("/boot/bootcode.bin", ByteView(code))->kind, "bootcode.bin");
  EXPECT_FALSE(read_boot_file("/boot/other.bin", ByteView(code)));
  code.at(3) = std::byte{1};
  EXPECT_FALSE(read_boot_file("/boot/bootcode.bin", ByteView(code)));
}

}  // namespace
}  // namespace quell::raspberrypi
