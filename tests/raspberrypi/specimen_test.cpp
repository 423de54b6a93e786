// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>

#include "quell/survey/recognise.h"
#include "raspberrypi/boot_files.h"
#include "raspberrypi/eeprom.h"
#include "specimen/other.h"
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

// Code of 0x1000 bytes at 0x8; behind it length, key number, version, signature[256], modulus[256], exponent[8].
TEST(Eeprom, AnAlteredStageSignatureOrKeyIsRefused) {
  struct Case {
    std::string_view what;
    std::size_t offset;
  };
  const Buffer good = specimen::raspberrypi_eeprom();
  for (const Case& c : {Case{"code", 0x8 + 0xFFF}, Case{"key number", 0x1008 + 4}, Case{"version", 0x1008 + 8},
                        Case{"signature", 0x1008 + 12}, Case{"signature's end", 0x1008 + 12 + 255},
                        Case{"modulus", 0x1008 + 268 + 7}, Case{"exponent", 0x1008 + 268 + 256}}) {
    Buffer bytes = good;
    bytes.at(c.offset) ^= std::byte{2};
    const auto eeprom = parse_eeprom(ByteView(bytes));
    ASSERT_TRUE(eeprom) << c.what;
    ASSERT_EQ(eeprom->bootcode_signatures.size(), 1U) << c.what;
    EXPECT_EQ(eeprom->bootcode_signatures[0].valid, false) << c.what;
    EXPECT_THAT(audit(*eeprom), testing::Contains(testing::Field(&Finding::id, "raspberrypi.stage.signature-bad")))
        << c.what;
  }
}

TEST(Eeprom, DigestAndSignatureOfTheSettingsAreJudgedEachForItself) {
  struct Case {
    std::string_view what;
    std::size_t offset;
    std::byte change;
    bool digest;
    bool rsa;
  };
  const Buffer good = specimen::raspberrypi_eeprom();
  const ByteView view(good);
  const std::size_t config = view.find(as_bytes("[all]")).value();
  const std::size_t signed_digest = view.find(as_bytes("bootconf.sig")).value() + 16;
  const std::size_t signature = view.find(as_bytes("rsa2048: ")).value() + 9;
  const std::size_t key = view.find(as_bytes("pubkey.bin")).value() + 16;
  // A hexadecimal digit XOR 1 is another one, apart from 9 and letters at the ends of their row.
  const auto digit = [&](std::size_t at) {
    while (!(good[at] >= std::byte{'0'} && good[at] <= std::byte{'7'})) ++at;
    return at;
  };
  for (const Case& c :
       {Case{"nothing", config, std::byte{0}, true, true}, Case{"settings", config + 7, std::byte{1}, false, false},
        Case{"digest", digit(signed_digest), std::byte{1}, false, true},
        Case{"signature", digit(signature + 40), std::byte{1}, true, false},
        Case{"key", key + 3, std::byte{1}, true, false}}) {
    Buffer bytes = good;
    bytes.at(c.offset) ^= c.change;
    const auto eeprom = parse_eeprom(ByteView(bytes));
    ASSERT_TRUE(eeprom && eeprom->config_signature) << c.what;
    EXPECT_EQ(eeprom->config_signature->digest_matches, c.digest) << c.what;
    EXPECT_EQ(eeprom->config_signature->rsa_valid, c.rsa) << c.what;
    const auto bad = testing::Contains(testing::Field(&Finding::id, "raspberrypi.config.signature-bad"));
    EXPECT_THAT(audit(*eeprom), testing::Conditional(c.digest && c.rsa, testing::Not(bad), bad)) << c.what;
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

TEST(BootFile, IsNamedAsWhatItIsAndNotAsWhatItsBytesLookLike) {
  const test::Json elf = test::inspect(specimen::raspberrypi_start_elf(), "any-name");
  ASSERT_FALSE(elf.is_null());
  EXPECT_EQ(elf.at("kind"), "raspberrypi.start-elf");
  EXPECT_FALSE(elf.contains("next_step"));
  const test::Json facts = test::engine(elf, "raspberry-pi").at("facts");
  EXPECT_EQ(facts.at("version"), "0badcafe (clean)");
  EXPECT_EQ(facts.at("platform"), "raspberrypi_linux");
  EXPECT_EQ(facts.at("management_engine"), "none");

  Buffer other = specimen::raspberrypi_start_elf();
  other.at(0x12) = std::byte{40};  // the same file for an ARM processor
  EXPECT_TRUE(test::inspect(other, "start.elf").is_null());

  const test::Json fixup = test::inspect(Buffer(5000, std::byte{0x11}), "fixup4.dat");
  EXPECT_THAT(fixup.at("title"), testing::HasSubstr("Raspberry Pi memory split data"));
}

// The dump of a chip that is larger than the image, read at a larger size than it has, or erased behind the image.
TEST(Eeprom, ALongerFileHoldsTheImage) {
  const Buffer image = specimen::raspberrypi_eeprom();
  Buffer twice = image;
  twice.insert(twice.end(), image.begin(), image.end());
  Buffer padded = image;
  padded.resize(2 * image.size(), std::byte{0xFF});
  for (const Buffer& bytes : {twice, padded}) {
    const auto eeprom = parse_eeprom(ByteView(bytes));
    ASSERT_TRUE(eeprom);
    EXPECT_EQ(eeprom->chip(), "BCM2712");
    EXPECT_EQ(eeprom->image_size, image.size());
    EXPECT_EQ(eeprom->sections.size(), parse_eeprom(ByteView(image))->sections.size());
    EXPECT_EQ(eeprom->bootcode_signatures.size(), 1U);
    ASSERT_EQ(eeprom->problems.size(), 1U);
    EXPECT_EQ(eeprom->problems.front().id, "raspberrypi.longer");
    EXPECT_EQ(eeprom->problems.front().severity, Severity::warning);
    Image found("eeprom.bin", ByteView(bytes));
    recognise(found);
    EXPECT_EQ(found.what.body, (Range{0, image.size()}));
  }
}

// A board whose OTP holds the owner's key starts only what that key has signed as well.
TEST(Eeprom, AnOwnersKeyWithoutHisCounterSignatureIsWarnedAbout) {
  struct Case {
    specimen::CounterSigned by;
    bool warned;
  };
  for (const Case& c : {Case{specimen::CounterSigned::by_nobody, true}, Case{specimen::CounterSigned::by_another, true},
                        Case{specimen::CounterSigned::by_the_owner, false}}) {
    const auto bytes = specimen::raspberrypi_eeprom(c.by);
    const auto found = test::finding(test::inspect(bytes, "eeprom.bin"), "raspberrypi.secure-boot.not-counter-signed");
    EXPECT_EQ(!found.is_null(), c.warned);
    if (c.warned && !found.is_null()) {
      EXPECT_EQ(found.at("severity"), "warning");
    }
  }
}

}  // namespace
}  // namespace quell::raspberrypi
