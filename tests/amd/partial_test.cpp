// SPDX-License-Identifier: GPL-2.0-or-later
// Images of which a part is not there: what is left is shown, and what is missing is said.
#include <gmock/gmock.h>

#include "amd/images.h"
#include "quell/survey/report.h"

namespace quell::test {
namespace {

using specimen::AmdLayout;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::size_t entries_of(const ParsedImage& image) {
  std::size_t count = 0;
  for (const amd::Directory& directory : image.firmware.roms.at(0).directories) count += directory.entries.size();
  return count;
}

std::string title_of_file(const Buffer& bytes) {
  Image image("file", ByteView(bytes));
  const auto report = examine(image, Depth::structure);
  return report ? report->what.title : report.error().message;
}

class WithoutStructure : public testing::TestWithParam<AmdLayout> {};

TEST_P(WithoutStructure, ItsDirectoriesAreFoundByTheirHeaders) {
  Buffer bytes = specimen::amd_image(GetParam());
  const ParsedImage whole = examine_amd(bytes);
  std::ranges::fill(std::span(bytes).subspan(specimen::amd_efs_offset, amd::efs_size), std::byte{0xFF});
  EXPECT_THAT(title_of_file(bytes), HasSubstr("without its Embedded Firmware Structure"));
  const ParsedImage left = examine_amd(std::move(bytes));
  EXPECT_EQ(findings_of(left, Severity::error), std::multiset<std::string>{"efs-missing"});
  EXPECT_EQ(left.firmware.roms.at(0).directories.size(), whole.firmware.roms.at(0).directories.size());
  EXPECT_EQ(entries_of(left), entries_of(whole));
  EXPECT_EQ(count_of(left, amd::SignatureResult::valid), count_of(whole, amd::SignatureResult::valid));
}

INSTANTIATE_TEST_SUITE_P(EveryLayout, WithoutStructure, testing::ValuesIn(specimen::amd_layouts()),
                         [](const auto& one) { return std::string(specimen::to_string(one.param)); });

TEST(WithoutStructureAtAll, NoiseHoldsNoDirectories) {
  Buffer bytes(0x100000, std::byte{0x5A});
  constexpr std::string_view cookie = "$PSP";
  for (std::size_t at = 0; at < bytes.size(); at += 0x1000)
    std::ranges::copy(as_bytes(cookie), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  EXPECT_FALSE(amd::parse(ByteView(bytes)).has_value());
}

// The structure in the upper half of 16 MiB, with one directory there and the rest below.
Buffer upper_half() {
  constexpr std::uint64_t half = 0x800000;
  Buffer bytes = specimen::amd_image(AmdLayout::levels, {.size = 2 * half});
  const ParsedImage whole = examine_amd(bytes);
  const auto span = std::span(bytes);
  for (const amd::Directory& directory : whole.firmware.roms.at(0).directories) {
    if (directory.magic != "$PSP") continue;
    const Range table = directory.table();
    std::ranges::copy(span.subspan(table.offset, table.size), span.subspan(half + 0x30000).begin());
  }
  const auto efs = span.subspan(specimen::amd_efs_offset, amd::efs_size);
  std::ranges::copy(efs, span.subspan(half + 0x20000).begin());
  put_u32(bytes, half + 0x20000 + 0x14, half + 0x30000);
  return {bytes.begin() + half, bytes.end()};
}

TEST(UpperHalf, IsReadFromTheAddressesOfTheWholeAndSaysWhatIsMissing) {
  const Buffer bytes = upper_half();
  EXPECT_THAT(title_of_file(bytes), HasSubstr("upper part"));
  const ParsedImage image = examine_amd(bytes);
  const amd::Rom& rom = image.firmware.roms.at(0);
  EXPECT_EQ(rom.efs.window.missing, 0x800000U);
  ASSERT_EQ(rom.directories.size(), 1U);
  EXPECT_EQ(rom.directories.at(0).offset, 0x30000U);
  EXPECT_EQ(findings_of(image, Severity::error), std::multiset<std::string>{"first-part-missing"});
}

TEST(DamagedSlot, IsNotTakenForOneThatWasNeverThere) {
  for (const char slot : {'A', 'B'}) {
    Buffer bytes = specimen::amd_image(AmdLayout::slots);
    const ParsedImage whole = examine_amd(bytes);
    for (const amd::Directory& directory : whole.firmware.roms.at(0).directories) {
      if (directory.slot == slot && directory.slot_header)
        std::ranges::fill(std::span(bytes).subspan(directory.offset, 0x20), std::byte{0xFF});
    }
    const ParsedImage image = examine_amd(std::move(bytes));
    EXPECT_THAT(findings_of(image, Severity::info),
                AllOf(Contains("recovery-slot-unusable"), Not(Contains("single-slot"))))
        << slot;
  }
}

}  // namespace
}  // namespace quell::test
