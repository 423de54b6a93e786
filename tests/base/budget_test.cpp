// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/budget.h"

#include <gtest/gtest.h>

namespace quell {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;

TEST(Budget, GrowsWithTheInputAndNeverOverflows) {
  EXPECT_EQ(Budget(0).left(), 32 * mebibyte);
  EXPECT_EQ(Budget(16 * mebibyte).left(), 160 * mebibyte);
  EXPECT_EQ(Budget(UINT64_MAX).left(), UINT64_MAX);
}

TEST(Budget, RefusesWhatIsNotLeftAndRemembersThat) {
  Budget budget(0);
  EXPECT_TRUE(budget.spend(20 * mebibyte));
  EXPECT_FALSE(budget.exhausted());
  EXPECT_FALSE(budget.spend(20 * mebibyte));
  EXPECT_TRUE(budget.exhausted());
  EXPECT_TRUE(budget.spend(12 * mebibyte)) << "smaller work may still be done";
  EXPECT_FALSE(budget.spend(1));
  EXPECT_TRUE(budget.spend(0));
}

}  // namespace
}  // namespace quell
