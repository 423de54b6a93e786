// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/two_chips.h"

#include <gmock/gmock.h>

#include "support/descriptors.h"

namespace quell::flash {
namespace {

using test::get32;
using test::put32;

constexpr std::uint64_t chip = 0x80000;

// An image of two chips of 512 KiB each, as its descriptor says.
Buffer both_chips() {
  Buffer image = test::make_descriptor({.isl = 0x12, .flmap2 = 0x00210120, .v2 = false});
  image.resize(2 * chip, std::byte{0x5A});
  const std::uint32_t flmap0 = get32(image, 0x14);
  put32(image, 0x14, (flmap0 & ~0x300U) | 0x100U);
  const std::uint64_t components = std::uint64_t{flmap0 & 0xFFU} << 4U;
  put32(image, components, get32(image, components) & ~0xFFU);
  return image;
}

FlashDescriptor descriptor_of(const Buffer& image) { return parse_descriptor(ByteView(image)).value(); }

TEST(TwoChips, TheSecondBeginsWhereTheFirstEndsByTheDescriptor) {
  Buffer image = both_chips();
  EXPECT_EQ(second_chip(descriptor_of(image), ByteView(image)).value(), chip);

  image.resize(image.size() - 0x1000);
  const auto cut = second_chip(descriptor_of(image), ByteView(image));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::usage);
  EXPECT_THAT(cut.error().message, testing::HasSubstr("512 and 512 KiB, the file has 1020 KiB"));

  Buffer one = both_chips();
  put32(one, 0x14, get32(one, 0x14) & ~0x300U);
  EXPECT_EQ(second_chip(descriptor_of(one), ByteView(one)).error().code, Errc::usage);
}

TEST(TwoChips, WhatWasCutIsJoinedAgain) {
  const Buffer image = both_chips();
  const ByteView whole(image);
  EXPECT_EQ(join_chips(descriptor_of(image), whole.clip({0, chip}), whole.clip({chip, chip}), {}).value(), image);
}

TEST(TwoChips, OtherSizesThanTheDescriptorsAreRefusedUnlessInsistedOn) {
  const Buffer image = both_chips();
  const ByteView first = ByteView(image).clip({0, chip});
  const ByteView half = ByteView(image).clip({chip, chip / 2});
  const auto refused = join_chips(descriptor_of(image), first, half, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_EQ(refused.error().lifted_by.list(), std::vector{Override::sizes});
  EXPECT_EQ(join_chips(descriptor_of(image), first, half, {Override::sizes}).value().size(), chip + chip / 2);
}

TEST(TwoChips, AFirstChipIsNoSecondOne) {
  const Buffer image = both_chips();
  const ByteView first = ByteView(image).clip({0, chip});
  EXPECT_EQ(join_chips(descriptor_of(image), first, first, {Override::sizes}).error().code, Errc::usage);
}

}  // namespace
}  // namespace quell::flash
