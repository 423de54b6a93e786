// SPDX-License-Identifier: GPL-2.0-or-later
// What is found in whole images: positions, layouts, several images in one file.
#include <gmock/gmock.h>

#include "amd/images.h"
#include "quell/survey/report.h"

namespace quell::test {
namespace {

using amd::SignatureResult;
using specimen::AmdLayout;
using testing::ElementsAre;
using testing::IsEmpty;

class AmdLayouts : public testing::TestWithParam<AmdLayout> {};

TEST_P(AmdLayouts, EverySignatureHoldsAndNothingIsWrong) {
  const ParsedImage image = examine_amd(specimen::amd_image(GetParam()));
  ASSERT_EQ(image.firmware.roms.size(), 1U);
  EXPECT_THAT(findings_of(image, Severity::error), IsEmpty());
  EXPECT_EQ(count_of(image, SignatureResult::invalid), 0U);
  EXPECT_EQ(count_of(image, SignatureResult::unknown), 0U);
  EXPECT_GE(count_of(image, SignatureResult::valid), 4U);
}

// One flipped bit anywhere in what is signed makes that one entry invalid.
TEST_P(AmdLayouts, AFlippedBitInTheBootLoaderIsNoticed) {
  Buffer bytes = specimen::amd_image(GetParam());
  const amd::Entry loader = entry_of(examine_amd(bytes).firmware.roms.at(0), false, 0x01);
  for (const std::uint64_t place :
       {loader.stored->offset + 0x60, loader.stored->offset + 0x123, loader.stored->end() - 9}) {
    Buffer damaged = bytes;
    flip(damaged, place);
    const ParsedImage image = examine_amd(std::move(damaged));
    EXPECT_EQ(findings_of(image, Severity::error).count("signature-invalid"), 1U) << place;
    EXPECT_EQ(count_of(image, SignatureResult::invalid), 1U) << place;
  }
}

TEST_P(AmdLayouts, OtherNoiseGivesTheSameStructure) {
  const auto shape = [](const ParsedImage& image) {
    std::vector<std::pair<std::uint64_t, std::size_t>> out;
    for (const amd::Directory& directory : image.firmware.roms.at(0).directories) {
      out.emplace_back(directory.level, directory.entries.size());
    }
    return out;
  };
  const ParsedImage one = examine_amd(specimen::amd_image(GetParam(), {.seed = 1}));
  const ParsedImage two = examine_amd(specimen::amd_image(GetParam(), {.seed = 2}));
  EXPECT_EQ(shape(one), shape(two));
  EXPECT_NE(one.bytes, two.bytes);
}

INSTANTIATE_TEST_SUITE_P(All, AmdLayouts,
                         testing::ValuesIn(specimen::amd_layouts().begin(), specimen::amd_layouts().end()),
                         [](const auto& layout) { return std::string(to_string(layout.param)); });

// The structure of a specimen stands at 0x20000 whatever its size: each size is another of the six addresses.
TEST(AmdStructure, IsFoundAtEveryAddressTheBootRomLooksAt) {
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> cases{{0x80000, 0xFFFA0000},  {0x100000, 0xFFF20000},
                                                                   {0x200000, 0xFFE20000}, {0x400000, 0xFFC20000},
                                                                   {0x800000, 0xFF820000}, {0x1000000, 0xFF020000}};
  for (const auto& [size, address] : cases) {
    const ParsedImage image = examine_amd(specimen::amd_image(AmdLayout::combo, {.size = size}));
    ASSERT_EQ(image.firmware.roms.size(), 1U) << size;
    EXPECT_EQ(image.firmware.roms[0].efs.x86_address(), address);
    EXPECT_EQ(image.firmware.roms[0].efs.window.size, size);
    EXPECT_THAT(findings_of(image, Severity::error), IsEmpty()) << size;
  }
}

TEST(AmdStructure, IsFoundInEveryWindowOfALargeChip) {
  Buffer bytes = specimen::amd_image(AmdLayout::levels, {.size = 0x1000000});
  const Buffer second = specimen::amd_image(AmdLayout::combo, {.seed = 2, .size = 0x1000000});
  bytes.insert(bytes.end(), second.begin(), second.end());
  const ParsedImage image = examine_amd(std::move(bytes));
  ASSERT_EQ(image.firmware.roms.size(), 2U);
  EXPECT_EQ(image.firmware.roms[0].efs.offset, 0x0020000U);
  EXPECT_EQ(image.firmware.roms[1].efs.offset, 0x1020000U);
  EXPECT_THAT(findings_of(image, Severity::error), IsEmpty());
}

TEST(AmdStructure, IsFoundBehindAVendorHeaderOfAnySize) {
  const Buffer plain = specimen::amd_image(AmdLayout::combo);
  for (const std::uint64_t header : {0x4U, 0x800U, 0x1000U, 0x12344U}) {
    Buffer bytes(header, std::byte{0x5A});
    bytes.insert(bytes.end(), plain.begin(), plain.end());
    const ParsedImage image = examine_amd(std::move(bytes));
    ASSERT_EQ(image.firmware.roms.size(), 1U) << header;
    EXPECT_EQ(image.firmware.roms[0].efs.window.base, header);
    EXPECT_THAT(findings_of(image, Severity::error), IsEmpty()) << header;
  }
}

TEST(AmdStructure, IsNotScannedForInADumpOfAnotherVendor) {
  const Buffer plain = specimen::amd_image(AmdLayout::levels);
  Buffer bytes(0x800, std::byte{0});
  bytes.insert(bytes.end(), plain.begin(), plain.end());
  EXPECT_FALSE(amd::parse(ByteView(bytes), {.body = {}, .everywhere = false, .by_headers = false}).has_value());
}

TEST(AmdStructure, WithoutDirectoriesIsAnErrorAndNotAnotherVendorsImage) {
  Buffer bytes(0x100000, std::byte{0xFF});
  put_u32(bytes, specimen::amd_efs_offset, 0x55AA55AA);
  const ParsedImage image = examine_amd(std::move(bytes));
  EXPECT_THAT(findings_of(image, Severity::error), ElementsAre("efs-without-directories"));
}

TEST(AmdStructure, OfTwoInOneWindowTheSecondGenerationIsPreferred) {
  Buffer bytes = specimen::amd_image(AmdLayout::levels, {.size = 0x1000000});
  const Bytes structure = Bytes(bytes).subspan(specimen::amd_efs_offset, amd::efs_size);
  const Buffer copy(structure.begin(), structure.end());
  std::ranges::copy(copy, bytes.begin() + 0xFA0000);
  put_u32(bytes, 0xFA0000 + 0x24, 0xFFFFFFFF);
  const ParsedImage image = examine_amd(std::move(bytes));
  ASSERT_EQ(image.firmware.roms.size(), 2U);
  EXPECT_EQ(image.firmware.roms[0].efs.offset, 0xFA0000U);
  EXPECT_FALSE(image.firmware.roms[0].efs.preferred);
  EXPECT_TRUE(image.firmware.roms[1].efs.preferred);
}

TEST(AmdStructure, NothingIsFoundInNothing) {
  EXPECT_FALSE(amd::parse(ByteView{}).has_value());
  const Buffer blank(0x100000, std::byte{0xFF});
  EXPECT_FALSE(amd::parse(ByteView(blank)).has_value());
}

TEST(AmdSlots, AreToldApartAndCompared) {
  const ParsedImage image = examine_amd(specimen::amd_image(AmdLayout::slots));
  std::string slots;
  for (const amd::Directory& directory : image.firmware.roms.at(0).directories) {
    if (directory.slot != 0) slots += directory.slot;
  }
  EXPECT_EQ(slots, "AAABBB");  // header, level 2 PSP, level 2 BIOS
  EXPECT_EQ(findings_of(image, Severity::info).count("slot-compare"), 2U);
  EXPECT_EQ(findings_of(image, Severity::warning).count("slot-compare"), 0U);
}

TEST(AmdSlots, AreReadOnceThoughBothLevelOneDirectoriesNameThem) {
  const ParsedImage image = examine_amd(specimen::amd_image(AmdLayout::slots));
  for (const amd::Directory& directory : image.firmware.roms.at(0).directories) {
    const std::size_t references = directory.kind == amd::DirectoryKind::slot_header ? 2 : 1;
    EXPECT_EQ(directory.referenced_by.size(), references) << directory.title();
  }
}

TEST(AmdReport, SaysThatNothingCanBeSwitchedOff) {
  const Buffer bytes = specimen::amd_image(AmdLayout::slots, {.size = 0x1000000});
  Image image("slots.rom", ByteView(bytes));
  const auto report = examine(image, Depth::structure);
  ASSERT_TRUE(report.has_value());
  ASSERT_EQ(report->engines.size(), 1U);
  EXPECT_EQ(report->engines[0].engine, "amd-psp");
  EXPECT_THAT(report->engines[0].title, testing::HasSubstr("Mendocino"));
  ASSERT_EQ(report->engines[0].actions.size(), 2U);
  for (const Action& action : report->engines[0].actions) {
    EXPECT_EQ(action.state, Action::State::impossible);
    EXPECT_FALSE(action.reason.empty());
  }
}

}  // namespace
}  // namespace quell::test
