// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/block_plan.h"

#include <gmock/gmock.h>

#include "intel/disable_bit.h"
#include "report/chip/describe.h"
#include "spi/harness.h"
#include "spi/reading.h"

namespace quell::spi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(BlockPlan, ListsBlocksAndUnitsThatDifferAndTheDescriptorLast) {
  const Buffer base = test::machine(1024 * 1024);
  Buffer target = base;
  target[0x20] ^= std::byte{1};
  target[0x30010] ^= std::byte{1};
  target[0x3F000] ^= std::byte{1};
  target[0xF0000] ^= std::byte{1};
  const BlockPlan plan = make_block_plan(base, target, default_unit);
  EXPECT_THAT(plan.blocks, ElementsAre(0, 0x30, 0x3F, 0xF0));
  EXPECT_THAT(plan.units, ElementsAre(0x30000, 0xF0000, 0));
  EXPECT_EQ(plan.bytes, 4U);
  EXPECT_EQ(plan.base, to_hex(sha256(base)));
}

TEST(BlockPlan, IsEmptyForEqualContents) {
  const Buffer base(256 * 1024, std::byte{1});
  EXPECT_TRUE(make_block_plan(base, base, default_unit).empty());
}

TEST(BlockPlan, CountsErasesOnlyWhereABitMustRise) {
  const Buffer base(64 * 1024, std::byte{0xF0});
  Buffer target = base;
  target[10] = std::byte{0x70};  // a bit falls: programming is enough
  EXPECT_EQ(make_block_plan(base, target, default_unit).erases, 0U);
  target[5000] = std::byte{0xF1};
  EXPECT_EQ(make_block_plan(base, target, default_unit).erases, 1U);
}

TEST(BlockPlan, NamesWhatChangesInTheDescriptor) {
  const Buffer base = test::machine(1024 * 1024);
  const auto names = intel::disable_bit_names(ByteView(base));
  const BlockPlan usual = make_block_plan(base, test::quieted(base), default_unit, {}, names);
  ASSERT_FALSE(usual.descriptor_words.empty());
  EXPECT_EQ(usual.descriptor_words.front().name, "PCHSTRP10");
  EXPECT_EQ(usual.descriptor_words.front().meaning, "bit 7 set (AltMeDisable set)");
  EXPECT_THAT(report::chip::plan_text(usual, "W25Q64", 1), HasSubstr("PCHSTRP10 bit 7 set (AltMeDisable set)"));
  EXPECT_FALSE(usual.descriptor_beyond_clean);
  Buffer odd = base;
  odd[0xF00] ^= std::byte{1};
  EXPECT_TRUE(make_block_plan(base, odd, default_unit).descriptor_beyond_clean);
  EXPECT_TRUE(make_block_plan(base, Buffer(base.size()), default_unit).descriptor_beyond_clean);
}

TEST(BlockPlan, HasOneUnitForAChipSmallerThanOne) {
  const Buffer base(32 * 1024, std::byte{0});
  const Buffer target(32 * 1024, std::byte{1});
  const BlockPlan plan = make_block_plan(base, target, default_unit);
  ASSERT_EQ(plan.units.size(), 1U);
  EXPECT_EQ(plan.unit(0).size, 32U * 1024);
}

TEST(BlockPlan, ItsNumberChangesWithEveryByte) {
  const Buffer base(128 * 1024, std::byte{0});
  Buffer target = base;
  target[1] = std::byte{1};
  const std::string one = make_block_plan(base, target, default_unit).id();
  target[1] = std::byte{2};
  EXPECT_NE(make_block_plan(base, target, default_unit).id(), one);
}

TEST(OnlyRegion, TakesTheRegionFromTheTargetAndTheRestFromTheBase) {
  const Buffer base = test::machine(1024 * 1024, 1);
  Buffer target = base;
  for (const std::size_t at : {std::size_t{0xF80}, std::size_t{0x40000}, base.size() - 0x100})
    target[at] ^= std::byte{0xFF};
  const auto result = only_region(base, target, "me");
  ASSERT_TRUE(result.has_value());
  const BlockPlan plan = make_block_plan(base, *result, default_unit);
  ASSERT_EQ(plan.regions.size(), 1U);
  EXPECT_EQ(plan.regions[0].name, "me");
  EXPECT_THAT(only_region(base, target, "nonsense").error().message, HasSubstr("has no region nonsense; it has"));
}

TEST(Wobble, SaysWhereAndWhichWay) {
  const Buffer one(64 * 1024, std::byte{0xFF});
  Buffer two = one;
  two[0x2004] = std::byte{0xFE};
  two[0x2010] = std::byte{0xF0};
  two[0x9000] = std::byte{0x7F};
  Wobble wobble;
  wobble.compare(one, two);
  ASSERT_EQ(wobble.blocks.size(), 2U);
  EXPECT_EQ(wobble.first, 0x2004U);
  EXPECT_EQ(wobble.last, 0x9000U);
  EXPECT_EQ(wobble.blocks.at(2).bytes, 2U);
  EXPECT_TRUE(wobble.blocks.at(2).fell);
  EXPECT_FALSE(wobble.blocks.at(2).rose);
  wobble.compare(two, one);
  EXPECT_TRUE(wobble.blocks.at(2).rose);
}

struct AdviceCase {
  std::string name;
  std::function<void(Buffer&)> damage;
  std::string advice;
};

TEST(Wobble, ReadsTheCauseFromThePattern) {
  const std::vector<AdviceCase> cases{
      {"few bits", [](Buffer& b) { b[100] ^= std::byte{1}; }, "Scattered bits"},
      {"one way",
       [](Buffer& b) {
         for (std::size_t i = 0; i < 4000; i += 100) b[i] = std::byte{0};
       },
       "one direction"},
      {"everything",
       [](Buffer& b) {
         for (std::byte& byte : b) byte ^= std::byte{0x33};
       },
       "another device"},
  };
  for (const AdviceCase& c : cases) {
    const Buffer good(256 * 1024, std::byte{0x5A});
    Buffer bad = good;
    c.damage(bad);
    Wobble wobble;
    wobble.compare(good, bad);
    EXPECT_THAT(wobble.advice(good.size()), HasSubstr(c.advice)) << c.name;
  }
}

TEST(Vote, NeedsTwoThirdsInEveryBlock) {
  const Buffer good(16 * 1024, std::byte{0x11});
  std::vector<Buffer> reads(6, good);
  for (std::size_t i = 0; i < 4; ++i) reads[i][i * 4096 + i] = std::byte{0x99};  // another block each: 5 of 6 agree
  ASSERT_TRUE(vote(reads).has_value());
  EXPECT_EQ(*vote(reads), good);
  for (std::size_t i = 0; i < 3; ++i) reads[i][7] = static_cast<std::byte>(i);  // block 0: 3 of 6
  EXPECT_FALSE(vote(reads).has_value());
}

TEST(Vote, NeedsFiveReads) {
  EXPECT_FALSE(vote(std::vector<Buffer>(4, Buffer(4096))).has_value());
  EXPECT_TRUE(vote(std::vector<Buffer>(5, Buffer(4096))).has_value());
  EXPECT_FALSE(vote({}).has_value());
}

}  // namespace
}  // namespace quell::spi
