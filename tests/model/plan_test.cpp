// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/plan.h"

#include <gtest/gtest.h>

namespace quell {
namespace {

class PlanTest : public ::testing::Test {
 protected:
  Buffer bytes_ = Buffer(0x100, std::byte{0x11});
  Image image_{"test", ByteView(bytes_)};
  PlanBuilder builder_{ByteView(bytes_)};

  Buffer result() {
    const Plan plan = std::move(builder_).build(image_.sha256());
    auto out = apply(plan, image_);
    EXPECT_TRUE(out.has_value());
    EXPECT_TRUE(verify_applied(plan, image_.bytes(), ByteView(*out)).has_value());
    return *out;
  }
};

TEST_F(PlanTest, ALaterEditWinsAndSplitsTheEarlierOne) {
  ASSERT_TRUE(builder_.fill({0x10, 0x20}, std::byte{0xFF}, "a"));
  ASSERT_TRUE(builder_.replace(0x18, Buffer(4, std::byte{7}), "b"));
  const Buffer out = result();
  EXPECT_EQ(out[0x17], std::byte{0xFF});
  EXPECT_EQ(out[0x18], std::byte{7});
  EXPECT_EQ(out[0x1B], std::byte{7});
  EXPECT_EQ(out[0x1C], std::byte{0xFF});
  EXPECT_EQ(out[0x30], std::byte{0x11});
}

TEST_F(PlanTest, ReadsSeeWhatWasPlanned) {
  ASSERT_TRUE(builder_.set_u32(0x20, 0xAABBCCDD, "a"));
  EXPECT_EQ(*builder_.u32(0x20), 0xAABBCCDDU);
  EXPECT_EQ(*builder_.u32(0x22), 0x1111AABBU);
}

TEST_F(PlanTest, EditsThatChangeNothingAreLeftOut) {
  ASSERT_TRUE(builder_.fill({0, 0x100}, std::byte{0x11}, "nothing"));
  EXPECT_TRUE(std::move(builder_).build(image_.sha256()).empty());
}

TEST_F(PlanTest, RefusesToLeaveTheImage) {
  EXPECT_FALSE(builder_.fill({0xFF, 2}, std::byte{0}, "a"));
  EXPECT_FALSE(builder_.set_u32(0xFD, 0, "a"));
  EXPECT_FALSE(builder_.fill({~std::uint64_t{0}, 2}, std::byte{0}, "a"));
}

TEST_F(PlanTest, ApplyRefusesAnotherImage) {
  ASSERT_TRUE(builder_.fill({0, 1}, std::byte{0}, "a"));
  const Plan plan = std::move(builder_).build(image_.sha256());
  const Buffer other(0x100, std::byte{0x12});
  EXPECT_EQ(apply(plan, Image("other", ByteView(other))).error().code, Errc::usage);
}

TEST_F(PlanTest, ApplyRefusesAnotherImageWhoseDigestIsStillOnItsWay) {
  constexpr std::size_t large = 5U << 20U;
  const Buffer mine(large, std::byte{0x11});
  Buffer changed = mine;
  changed.back() = std::byte{0x12};
  Image image("mine", ByteView(mine));
  image.start_hashing();
  PlanBuilder builder(image.bytes());
  ASSERT_TRUE(builder.fill({0, 1}, std::byte{0}, "a"));
  const Plan plan = std::move(builder).build(image.digest());
  EXPECT_EQ(apply(plan, Image("other", ByteView(changed))).error().code, Errc::usage);
  const auto applied = apply(plan, image);
  ASSERT_TRUE(applied.has_value());
  EXPECT_TRUE(verify_applied(plan, image.bytes(), ByteView(*applied)).has_value());
  EXPECT_EQ(plan.input.value(), sha256(mine));
}

TEST_F(PlanTest, ApplyRefusesOverlappingEdits) {
  Plan plan{image_.sha256(), 0x100, {{{0, 4}, Fill{}, "a"}, {{2, 4}, Fill{}, "b"}}, std::nullopt};
  EXPECT_FALSE(apply(plan, image_));
}

TEST_F(PlanTest, VerifyNoticesAStrayByteOutsideAndInside) {
  ASSERT_TRUE(builder_.fill({0x10, 4}, std::byte{0}, "a"));
  const Plan plan = std::move(builder_).build(image_.sha256());
  Buffer out = *apply(plan, image_);
  for (const std::size_t position : {std::size_t{0}, std::size_t{0x11}, std::size_t{0xFF}}) {
    Buffer bad = out;
    bad[position] ^= std::byte{1};
    EXPECT_FALSE(verify_applied(plan, image_.bytes(), ByteView(bad))) << position;
  }
  out.pop_back();
  EXPECT_FALSE(verify_applied(plan, image_.bytes(), ByteView(out)));
}

TEST_F(PlanTest, TruncationCutsAfterTheEdits) {
  ASSERT_TRUE(builder_.fill({0x70, 0x20}, std::byte{0xFF}, "a"));
  builder_.truncate(0x80);
  const Buffer out = result();
  EXPECT_EQ(out.size(), 0x80U);
  EXPECT_EQ(out.back(), std::byte{0xFF});
}

}  // namespace
}  // namespace quell
