// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/entropy.h"

#include <gtest/gtest.h>

namespace quell {
namespace {

TEST(Entropy, CountsBitsAByte) {
  EXPECT_EQ(entropy({}), 0);
  EXPECT_EQ(entropy(Buffer(1001, std::byte{0xFF})), 0);
  Buffer halves(1000, std::byte{1});
  for (std::size_t i = 0; i < 500; ++i) halves[i] = std::byte{2};
  EXPECT_DOUBLE_EQ(entropy(halves), 1);
  Buffer every(256 * 3);
  for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::byte>(i);
  EXPECT_DOUBLE_EQ(entropy(every), 8);
  every.pop_back();
  EXPECT_LT(entropy(every), 8);
}

}  // namespace
}  // namespace quell
