// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/csv.h"

#include <vector>

#include <gtest/gtest.h>

namespace quell {
namespace {

using Rows = std::vector<std::size_t>;

TEST(Csv, ReadsEveryKindOfField) {
  const Csv table("name,text,last\nplain,a b,1\n\"quoted\",\"a,b\nc\",2\ndoubled,\"say \"\"me\"\"\",3\r\n,,\n");
  ASSERT_EQ(table.size(), 4U);
  constexpr std::string_view expected[][3] = {
      {"plain", "a b", "1"}, {"quoted", "a,b\nc", "2"}, {"doubled", "say \"me\"", "3"}, {"", "", ""}};
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t column = 0; column < 3; ++column) EXPECT_EQ(table.cell(row, column), expected[row][column]);
  }
  EXPECT_EQ(table.column("text"), 1U);
  EXPECT_EQ(table.uneven(), Rows());
}

TEST(Csv, SaysWhichRowsHaveTooFewOrTooManyCells) {
  const Csv table("a,b\nonly\n\n1,2,too many\n1,2\nno newline,x");
  ASSERT_EQ(table.size(), 4U);
  EXPECT_EQ(table.cell(0, 1), "");
  EXPECT_EQ(table.cell(1, 1), "2");
  EXPECT_EQ(table.cell(3, 1), "x");
  EXPECT_EQ(table.uneven(), (Rows{0, 1}));
  EXPECT_EQ(Csv("").size(), 0U);
}

TEST(Csv, HasNoColumnThatTheFirstLineDoesNotName) { EXPECT_EQ(Csv("a,b\n1,2\n").column("c"), std::nullopt); }

TEST(Csv, EndsWhereQuotesDoNot) {
  EXPECT_EQ(Csv("a\n\"open").cell(0, 0), "open");
  EXPECT_EQ(Csv("a\n\"open\"\"").cell(0, 0), "open\"");
  EXPECT_EQ(Csv("a\n\"x\"y,z\n").cell(0, 0), "x");
}

}  // namespace
}  // namespace quell
