// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/problems.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace quell {
namespace {

TEST(Problems, AFloodOfOneKindIsCutAndHidesNoOther) {
  std::vector<Finding> problems;
  for (int i = 0; i < 1000; ++i) note_error(problems, "flood", Question::structure, "a title", "A detail.", {});
  EXPECT_EQ(problems.size(), 48U);
  for (int i = 0; i < 3; ++i) note_error(problems, "other", Question::signatures, "a title", "A detail.", {});
  EXPECT_EQ(std::ranges::count(problems, "other", &Finding::id), 1);
  EXPECT_EQ(problems.size(), 49U);
}

TEST(Problems, ThereAreNeverMoreThan64) {
  std::vector<Finding> problems;
  for (int i = 0; i < 1000; ++i) note_error(problems, std::to_string(i), Question::structure, "a", "b", {});
  EXPECT_EQ(problems.size(), 64U);
}

}  // namespace
}  // namespace quell
