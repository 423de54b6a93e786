// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/number.h"

#include <gtest/gtest.h>

namespace quell {
namespace {

TEST(Number, IsTheWholeTextOrNothing) {
  EXPECT_EQ(parse_decimal("31"), 31U);
  EXPECT_EQ(parse_hex("1f"), 31U);
  EXPECT_EQ(parse_hex("0x1F"), 31U);
  EXPECT_EQ(parse_integer("31"), 31U);
  EXPECT_EQ(parse_integer("0X1f"), 31U);
  EXPECT_EQ(parse_integer("18446744073709551615"), ~std::uint64_t{0});
  for (const std::string_view rubbish : {"", " ", "x", "1 ", " 1", "+1", "-1", "1k", "1.0", "0x", "0x0x1", "0xg",
                                         "18446744073709551616", "0x10000000000000000"}) {
    EXPECT_EQ(parse_integer(rubbish), std::nullopt) << rubbish;
  }
  EXPECT_EQ(parse_decimal("0x1"), std::nullopt);
  EXPECT_EQ(parse_decimal("1f"), std::nullopt);
}

TEST(Number, FitsItsType) {
  EXPECT_EQ(parse_decimal<std::uint8_t>("255"), std::uint8_t{255});
  EXPECT_EQ(parse_decimal<std::uint8_t>("256"), std::nullopt);
  EXPECT_EQ(parse_hex<std::uint32_t>("0x100000000"), std::nullopt);
}

}  // namespace
}  // namespace quell
