// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/words.h"

#include <gtest/gtest.h>

namespace quell {
namespace {

TEST(Words, CountOneAndMany) {
  EXPECT_EQ(count_text(0, "engine"), "0 engines");
  EXPECT_EQ(count_text(1, "engine"), "1 engine");
  EXPECT_EQ(count_text(2, "engine"), "2 engines");
}

TEST(Words, SizesHaveTheLargestUnitThatFits) {
  EXPECT_EQ(size_text(0), "0 bytes");
  EXPECT_EQ(size_text(1), "1 byte");
  EXPECT_EQ(size_text(1025), "1025 bytes");
  EXPECT_EQ(size_text(4096), "4 KiB");
  EXPECT_EQ(size_text(0x180000), "1536 KiB");
  EXPECT_EQ(size_text(0x1000000), "16 MiB");
}

}  // namespace
}  // namespace quell
