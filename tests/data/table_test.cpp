// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/table.h"

#include <array>

#include <gtest/gtest.h>

#include "data/ifdtool-platforms.h"
#include "data/intel-advisories.h"
#include "data/intel-disable-bits.h"
#include "data/mei-pci-ids.h"

namespace quell {
namespace {

// A table as the build makes one, with every kind of cell; the third row holds what the build would have refused.
struct Facts {
  static constexpr std::array<Column, 9> columns{{{"name", Cell::text, true, ""},
                                                  {"size", Cell::number, true, "0..0xFF"},
                                                  {"code", Cell::hex, false, "4"},
                                                  {"kind", Cell::word, true, "a|b c"},
                                                  {"on", Cell::flag, false, ""},
                                                  {"span", Cell::range, false, ""},
                                                  {"list", Cell::list, false, ""},
                                                  {"words", Cell::words, false, ""},
                                                  {"other", Cell::word, false, ""}}};
  static constexpr std::string_view text =
      "name,size,code,kind,on,span,list,words,other\n"
      "first,0x1F,0a0B,a,yes,3-40,x;y z,x y,\n"
      "second,31,,b c,,,,,any\n"
      "rubbish,1f,xyz,A,maybe,3-,x,x,x\n";
};

enum class Kind { a, b };
constexpr std::array kinds{Word{"a", Kind::a}, Word{"b c", Kind::b}};

using Parts = std::vector<std::string_view>;

TEST(Table, GivesCellsAsTheValuesTheyAre) {
  const Table<Facts> table{Facts{}};
  ASSERT_EQ(table.size(), 3U);
  const auto row = table.row(0);
  EXPECT_EQ(row["name"], "first");
  EXPECT_EQ(row.number("size"), 31U);
  EXPECT_EQ(row.optional_number<std::uint16_t>("code"), std::uint16_t{0x0A0B});
  EXPECT_EQ(row.choice<kinds>("kind"), Kind::a);
  EXPECT_TRUE(row.is({"kind", "a"}));
  EXPECT_TRUE(row.flag("on"));
  EXPECT_EQ(row.range("span"), std::pair(std::uint64_t{3}, std::uint64_t{40}));
  EXPECT_EQ(row.list("list"), (Parts{"x", "y z"}));
  EXPECT_EQ(row.list("words"), (Parts{"x", "y"}));
  EXPECT_TRUE(row.is({"other", ""}));
}

TEST(Table, GivesNothingForEmptyCells) {
  const Table<Facts> table{Facts{}};
  const auto row = table.row(1);
  EXPECT_EQ(row.number<std::uint8_t>("size"), std::uint8_t{31});
  EXPECT_EQ(row.optional_number("code"), std::nullopt);
  EXPECT_EQ(row.choice<kinds>("kind"), Kind::b);
  EXPECT_FALSE(row.flag("on"));
  EXPECT_EQ(row.range("span"), std::nullopt);
  EXPECT_EQ(row.list("list"), Parts());
}

TEST(Table, NeverMakesAValueOfRubbish) {
  const Table<Facts> table{Facts{}};
  const auto row = table.row(2);
  EXPECT_THROW((void)row.number("size"), std::bad_optional_access);
  EXPECT_THROW((void)row.optional_number("code"), std::bad_optional_access);
  EXPECT_THROW((void)row.choice<kinds>("kind"), std::bad_optional_access);
  EXPECT_THROW((void)row.flag("on"), std::bad_optional_access);
  EXPECT_THROW((void)row.range("span"), std::bad_optional_access);
}

TEST(Table, FindsTheFirstRowWithAText) {
  const Table<Facts> table{Facts{}};
  const auto found = table.find("name", "second");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->is({"other", "any"}));
  EXPECT_FALSE(table.find("name", "third"));
  EXPECT_FALSE(table.find("name", "size"));
}

TEST(Table, TurnsRowsIntoValuesInTheirOrder) {
  EXPECT_EQ(rows_of(Table<Facts>{Facts{}}, [](const Row<Facts>& row) { return std::string(row["name"]); }),
            (std::vector<std::string>{"first", "second", "rubbish"}));
}

// A place of a bit is whole or not there: neither half of it may be taken for 0.
TEST(Table, OfDisableBitsNamesOffsetBaseAndBitTogether) {
  for (const auto row : Table(data::intel_disable_bits)) {
    const bool place = row.optional_number("offset").has_value();
    EXPECT_EQ(place, row.optional_number("bit").has_value()) << row["platform"];
    EXPECT_EQ(place, !row["base"].empty()) << row["platform"];
    EXPECT_EQ(row.optional_number("offset").value_or(0) % 4, 0U) << row["platform"];
    EXPECT_TRUE(place || !row.flag("written")) << row["platform"];
  }
}

}  // namespace
}  // namespace quell
