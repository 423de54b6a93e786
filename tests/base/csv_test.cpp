// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/csv.h"

#include <gtest/gtest.h>

namespace quell {
namespace {

TEST(Csv, ReadsEveryKindOfField) {
  const Table table("name,text,last\nplain,a b,1\n\"quoted\",\"a,b\nc\",2\ndoubled,\"say \"\"me\"\"\",3\r\n,,\n");
  ASSERT_EQ(table.size(), 4U);
  constexpr std::string_view expected[][3] = {
      {"plain", "a b", "1"}, {"quoted", "a,b\nc", "2"}, {"doubled", "say \"me\"", "3"}, {"", "", ""}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(table.row(i)["name"], expected[i][0]) << i;
    EXPECT_EQ(table.row(i)["text"], expected[i][1]) << i;
    EXPECT_EQ(table.row(i)["last"], expected[i][2]) << i;
  }
}

TEST(Csv, ReadsWhatIsMissingAsEmpty) {
  const Table table("a,b\nonly\n\n1,2,too many\nno newline,x");
  ASSERT_EQ(table.size(), 3U);
  EXPECT_EQ(table.row(0)["b"], "");
  EXPECT_EQ(table.row(1)["b"], "2");
  EXPECT_EQ(table.row(2)["b"], "x");
  EXPECT_EQ(table.row(2)["no such column"], "");
  EXPECT_EQ(Table("").size(), 0U);
}

TEST(Csv, EndsWhereQuotesDoNot) {
  EXPECT_EQ(Table("a\n\"open").row(0)["a"], "open");
  EXPECT_EQ(Table("a\n\"open\"\"").row(0)["a"], "open\"");
  EXPECT_EQ(Table("a\n\"x\"y,z\n").row(0)["a"], "x");
}

}  // namespace
}  // namespace quell
