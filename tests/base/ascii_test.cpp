// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/ascii.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/base64.h"
#include "quell/byte_view.h"

namespace quell {
namespace {

TEST(Ascii, OnlyItsLettersChangeTheirCase) {
  EXPECT_EQ(lower_case("AZaz09._-\xC3\x84"), "azaz09._-\xC3\x84");
  EXPECT_EQ(upper_case("AZaz09._-\xC3\xA4"), "AZAZ09._-\xC3\xA4");
  EXPECT_TRUE(same_letters("FTPR", "fTpr"));
  EXPECT_FALSE(same_letters("FTPR", "FTP"));
  EXPECT_FALSE(same_letters("@", "`"));
}

TEST(Ascii, PlainIsWhatAFileNameAndAShellTakeAsItIs) {
  std::string plain;
  for (int c = 0; c < 128; ++c)
    if (is_plain_in_names(static_cast<char>(c))) plain.push_back(static_cast<char>(c));
  EXPECT_EQ(plain, "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
}

TEST(Ascii, TrimsBothEndsAndNothingWithin) {
  EXPECT_EQ(trimmed(" \t a b\t\r"), "a b");
  EXPECT_EQ(trimmed(" \r"), "");
  EXPECT_EQ(trimmed(""), "");
}

// The vectors of RFC 4648, section 10.
TEST(Base64, VectorsOfTheStandard) {
  constexpr std::array<std::array<const char*, 2>, 8> vectors = {{{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"},
                                                                  {"\xFF\xFE\xFD", "//79"}}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64(as_bytes(std::string(bytes))), text);
    EXPECT_EQ(bytes_of_base64(text), bytes);
  }
  EXPECT_EQ(bytes_of_base64("Zm9v!Zm9v"), "foo");
}

}  // namespace
}  // namespace quell
