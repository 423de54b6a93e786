// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>

#include "arm/fip.h"
#include "specimen/other.h"
#include "support/report_json.h"

namespace quell {
namespace {

TEST(Fip, SaysWhatTheSecureWorldIs) {
  const auto image = test::inspect(specimen::fip_package(), "fip.bin");
  const auto facts = test::engine(image, "arm-tee").at("facts");
  EXPECT_EQ(facts.at("monitor"), "TF-A BL31");
  EXPECT_EQ(facts.at("tf_a_version_string"), "v2.9(release):");
  EXPECT_EQ(facts.at("dispatcher"), "OP-TEE");
  EXPECT_EQ(facts.at("trusted_os"), "OP-TEE");
  EXPECT_EQ(test::finding(image, "arm.optee.size"), test::Json());
}

TEST(Fip, IsFoundInsideAFlashImageOnly16ByteAligned) {
  const Buffer package = specimen::fip_package();
  for (const auto& [offset, found] : {std::pair<std::size_t, bool>{0x4000, true}, {0x4004, false}}) {
    Buffer flash(0x10000, std::byte{0xFF});
    std::ranges::copy(package, flash.begin() + static_cast<std::ptrdiff_t>(offset));
    EXPECT_EQ(!test::inspect(flash, "flash.bin").is_null(), found) << offset;
  }
}

TEST(Fip, AHeaderThatContradictsTheOpteePartIsNoticed) {
  Buffer bytes = specimen::fip_package();
  bytes.at(0x400 + 24 + 1) = std::byte{2};
  EXPECT_FALSE(test::finding(test::inspect(bytes, "fip.bin"), "arm.optee.size").is_null());
}

TEST(Fip, OverlappingEntriesAreNoticed) {
  Buffer bytes = specimen::fip_package();
  bytes.at(0x10 + 40 + 16) = std::byte{0x80};  // OP-TEE now lies inside BL31
  bytes.at(0x10 + 40 + 17) = std::byte{0x01};
  EXPECT_FALSE(test::finding(test::inspect(bytes, "fip.bin"), "arm.fip.overlap").is_null());
}

TEST(Fip, ATableWithoutEndIsReadInBoundedTime) {
  // Every entry is known, repeated, and lies behind the file: nothing but the limit ends the table.
  Buffer bytes = specimen::fip_package();
  const Buffer entry(bytes.begin() + 0x10, bytes.begin() + 0x10 + 40);
  bytes.resize(0x10);
  for (unsigned i = 0; i < 50000; ++i) bytes.insert(bytes.end(), entry.begin(), entry.end());
  for (std::size_t at = 0x10 + 16; at < bytes.size(); at += 40) bytes[at + 5] = std::byte{0x7F};
  const auto fip = arm::parse_fip(ByteView(bytes));
  ASSERT_TRUE(fip);
  EXPECT_LE(fip->entries.size(), 1024U);
  EXPECT_LE(fip->problems.size(), 64U);
}

TEST(Fip, InAnImageOfNoKnownLayoutGivesItsNameToTheImage) {
  Buffer flash(0x10000, std::byte{0xFF});
  std::ranges::copy(specimen::fip_package(), flash.begin() + 0x4000);
  const auto image = test::inspect(flash, "flash.bin");
  EXPECT_EQ(image.at("kind"), "holds.arm-tee");
  EXPECT_EQ(image.at("title"), "image of no known layout that holds: ARM Trusted Firmware package (FIP)");
}

TEST(UbootFit, NamesTheSecureWorldAndChecksEveryHash) {
  Buffer bytes = specimen::uboot_fit();
  const auto image = test::inspect(bytes, "u-boot.itb");
  const auto facts = test::engine(image, "arm-tee").at("facts");
  EXPECT_EQ(facts.at("monitor"), "TF-A BL31 (node atf)");
  EXPECT_EQ(facts.at("trusted_os"), "OP-TEE (node tee)");
  EXPECT_EQ(test::components(image, "optee-header").size(), 1U);
  EXPECT_TRUE(test::finding(image, "arm.uboot-fit.hash").is_null());
  const auto at = ByteView(bytes).find(as_bytes("opteed_fast"));
  ASSERT_TRUE(at);
  bytes.at(*at) ^= std::byte{1};
  EXPECT_FALSE(test::finding(test::inspect(bytes, "u-boot.itb"), "arm.uboot-fit.hash").is_null());
}

TEST(Qualcomm, ChecksTheDigestOfEverySegment) {
  Buffer bytes = specimen::qualcomm_image();
  const auto image = test::inspect(bytes, "tz.mbn");
  EXPECT_EQ(image.at("kind"), "arm.qualcomm");
  EXPECT_EQ(test::engine(image, "arm-tee").at("facts").at("image"), "tz");
  for (const auto& segment : test::components(image, "elf-segment")) {
    if (segment.at("name") == "hash segment") continue;
    EXPECT_EQ(segment.at("attributes").at("digest_matches"), true);
  }
  bytes.at(0x2080) ^= std::byte{1};
  EXPECT_FALSE(test::finding(test::inspect(bytes, "tz.mbn"), "arm.qualcomm.digest").is_null());
}

// A segment that is only cleared memory has no bytes in the file; its offset may be anything.
TEST(Qualcomm, ASegmentWithoutBytesInTheFileIsNoFault) {
  Buffer bytes = specimen::qualcomm_image();
  constexpr std::size_t third = 0x34 + 2 * 0x20;
  for (const auto& [field, value] : {std::pair<std::size_t, unsigned>{4, 0xFF}, {16, 0}}) {
    for (std::size_t i = 0; i < 4; ++i) bytes.at(third + field + i) = static_cast<std::byte>(value);
  }
  EXPECT_TRUE(test::finding(test::inspect(bytes, "empty.mbn"), "arm.qualcomm.segment").is_null());
}

TEST(Fip, APackageCutInsideItsTableIsStillAPackageAndDamaged) {
  const Buffer whole = specimen::fip_package();
  for (std::size_t size = 8; size < 0x10 + 4 * 40; ++size) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto image = test::inspect(cut, "fip.bin");
    ASSERT_FALSE(image.is_null()) << size;
    EXPECT_FALSE(test::finding(image, "arm.fip.no-terminator").is_null()) << size;
  }
}

}  // namespace
}  // namespace quell
