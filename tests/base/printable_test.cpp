// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/printable.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace quell {
namespace {

struct Case {
  const char* what;
  std::string text;
  std::string printed;
};

class Printable : public testing::TestWithParam<Case> {};

TEST_P(Printable, NothingSteersTheTerminal) { EXPECT_EQ(printable(GetParam().text), GetParam().printed); }

INSTANTIATE_TEST_SUITE_P(
    All, Printable,
    testing::Values(Case{"plain", "dump 1.rom", "dump 1.rom"}, Case{"letters", "Gerät-日本", "Gerät-日本"},
                    Case{"escape", "x\x1b]0;pwn\x07.rom", "x\\x1b]0;pwn\\x07.rom"},
                    Case{"line end", "a\nquell: fine", "a\\x0aquell: fine"}, Case{"delete", "a\x7f", "a\\x7f"},
                    Case{"C1",
                         "c1\xc2\x9b"
                         "31m",
                         "c1\\xc2\\x9b31m"},
                    Case{"direction",
                         "moc.\xe2\x80\xae"
                         "exe",
                         "moc.\\xe2\\x80\\xaeexe"},
                    Case{"isolate", "\xe2\x81\xa6", "\\xe2\\x81\\xa6"}, Case{"no UTF-8", "\xff\xfe", "\\xff\\xfe"},
                    Case{"overlong", "\xc0\x9b", "\\xc0\\x9b"}, Case{"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
                    Case{"cut off", "\xe2\x80", "\\xe2\\x80"}),
    [](const auto& one) {
      std::string name = one.param.what;
      std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
      return name;
    });

TEST(PrintableLines, KeepLineEndsAndTabsOnly) {
  EXPECT_EQ(printable_lines("a\tb\n\x1b[31mc\r"), "a\tb\n\\x1b[31mc\\x0d");
}

TEST(PrintableStyled, LetsColoursThroughAndNothingElse) {
  EXPECT_EQ(printable_styled("\x1b[1;31mred\x1b[0m\n"), "\x1b[1;31mred\x1b[0m\n");
  EXPECT_EQ(printable_styled("\x1b[2J\x1b[31"), "\\x1b[2J\\x1b[31");
  EXPECT_EQ(printable_styled("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
  EXPECT_EQ(printable_styled("\x1b"), "\\x1b");
}

TEST(PrintableJson, MeansWhatItMeant) {
  const std::string text = "a\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81 Gerät\n\t\x1b";
  const nlohmann::ordered_json document = {{"name", text}};
  const std::string shown = printable_json(document.dump(2));
  for (const char* bad : {"\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xf3\xa0\x80\x81", "\x1b"}) {
    EXPECT_EQ(shown.find(bad), std::string::npos);
  }
  EXPECT_EQ(nlohmann::ordered_json::parse(shown), document);
}

}  // namespace
}  // namespace quell
