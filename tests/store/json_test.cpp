// SPDX-License-Identifier: GPL-2.0-or-later
// Lines are read as the library reads them, which is slower.
#include "store/json.h"

#include <random>

#include <gmock/gmock.h>

#include "store/records.h"

namespace quell::store {
namespace {

// What is wrong with it, else the text again.
std::string read_and_printed(const std::string& text, std::string_view unwanted = "tree") {
  JsonText json;
  const auto value = json.read(text, unwanted);
  if (!value) return value.error().message;
  std::string out;
  value->print(out);
  return out;
}

// A NUL cannot be stored and becomes U+FFFD.
std::string as_the_library_reads(const std::string& text) {
  const auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) return "is no JSON";
  std::string out = value.dump();
  for (auto at = out.find("\\u0000"); at != std::string::npos; at = out.find("\\u0000", at))
    out.replace(at, 6, "\uFFFD");
  return out;
}

void expect_alike(const std::string& text) {
  const std::string own = read_and_printed(text, "");
  const std::string expected = as_the_library_reads(text);
  // In the library's order and its form of numbers.
  EXPECT_EQ(own == "is no JSON" ? own : as_the_library_reads(own), expected) << text;
}

TEST(ScanJson, IsReadAsTheLibraryReadsIt) {
  for (const char* text : {"",
                           " ",
                           "7",
                           " -7 ",
                           "-0",
                           "07",
                           "-",
                           "+1",
                           "1.",
                           ".5",
                           "1.5",
                           "1e3",
                           "1E+3",
                           "1e400",
                           "-1e400",
                           "1e-400",
                           "18446744073709551615",
                           "18446744073709551616",
                           "-9223372036854775809",
                           "1 2",
                           "true",
                           "tru",
                           "truex",
                           "null",
                           "false",
                           "nul",
                           "[]",
                           "[ ]",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "[1",
                           "]",
                           "{}",
                           "{ }",
                           "{\"a\":1,}",
                           "{\"a\"}",
                           "{a:1}",
                           "{\"a\":1 \"b\":2}",
                           "{1:2}",
                           "{\"a\":1}}",
                           "\"",
                           "\"a",
                           "\"\\\"",
                           "\"\\",
                           "\"\\u12\"",
                           "\"\\x\"",
                           "\"\\/\\b\\f\\n\\r\\t\\\\\\\"\"",
                           "\"\\u00e4\\u20ac\\ud83d\\ude00\"",
                           "\"\\ud83d\"",
                           "\"\\ude00\"",
                           "\"\\ud83dx\"",
                           "\"\\u0000\"",
                           "\"\x01\"",
                           "\"\x7f\"",
                           "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"",
                           "\"\xC0\x80\"",
                           "\"\xED\xA0\x80\"",
                           "\"\xF4\x90\x80\x80\"",
                           "\"\xFF\"",
                           "\"\xC3\"",
                           "\xEF\xBB\xBF{}",
                           "\xEF\xBB{}",
                           "[1]\f",
                           "[1]\r\n\t ",
                           "{\"a\":[{\"b\":[]},\"x\",{\"c\":{}},[]]}",
                           "{\"a\":1,\"b\":2,\"a\":3,\"b\":[{\"a\":4,\"a\":5}],\"c\":6}",
                           "{\"\":1,\"\":2}",
                           "{\"\\u0061\":1,\"a\":2}"}) {
    expect_alike(text);
  }
  expect_alike(std::string("\0", 1));
  expect_alike(std::string("\"a\0b\"", 5));
  // The library takes a NUL for the end.
  EXPECT_EQ(read_and_printed(std::string("[1]\0[", 5)), "is no JSON");
}

TEST(ScanJson, IsReadAlikeWithAnyByteChanged) {
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same changes each time
  constexpr std::string_view likely = "\"\\{}[],:0123456789-+.eEtfn u\x00\x1F\x80\xC3\xFF";
  for (const std::string& line : test::fleet()) {
    expect_alike(line);
    for (int i = 0; i < 100; ++i) {
      std::string changed = line;
      for (auto changes = random() % 3 + 1; changes > 0; --changes) {
        changed.at(random() % changed.size()) = likely.at(random() % likely.size());
      }
      expect_alike(changed);
    }
    expect_alike(line.substr(0, random() % line.size()));
  }
}

TEST(ScanJson, OfManyMembersWithOneNameTheLastCounts) {
  std::string text = "{";
  for (int i = 0; i < 100; ++i) text += "\"" + std::to_string(i % 40) + "\":" + std::to_string(i) + ",";
  expect_alike(text + "\"end\":0}");
}

TEST(ScanJson, IsNotFollowedWithoutEnd) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_EQ(read_and_printed(nested(64)), nested(64));
  EXPECT_EQ(read_and_printed(nested(65)), "nests too deep");
  EXPECT_EQ(read_and_printed(R"({"image":{"tree":)" + nested(63) + "}}"), "nests too deep");
  EXPECT_EQ(read_and_printed(std::string(8'000'000, '[')), "nests too deep");
  std::string many = "[0";
  for (int i = 0; i < 5'000'000; ++i) many += ",0";
  EXPECT_EQ(read_and_printed(many + "]"), "holds too much");
  EXPECT_EQ(read_and_printed(R"({"image":{"tree":)" + many + "]}}"), R"({"image":{}})");
}

TEST(ScanJson, WhatIsUnwantedIsHeldAgainstTheGrammarAlone) {
  EXPECT_EQ(read_and_printed(R"({"image":{"a":1,"tree":{"x":[1,"y"],"tree":2},"b":{"tree":3}},"tree":4})"),
            R"({"image":{"a":1,"b":{"tree":3}},"tree":4})");
  EXPECT_EQ(read_and_printed(R"({"image":{"tree":{"x":[1,}}})"), "is no JSON");
  EXPECT_EQ(read_and_printed("{\"image\":{\"tree\":\"\xFF\"}}"), "is no JSON");
  EXPECT_EQ(read_and_printed(R"({"image":{"tree":1e400}})"), "is no JSON");
}

TEST(ScanJson, IsReadAgainAndAgain) {
  JsonText json;
  for (const char* text : {R"({"a":[1,2,{"b":"c"}]})", "no", "{\"a\":", "[-1.5e2]"}) {
    const auto value = json.read(text, "");
    if (!value) continue;
    std::string out;
    value->print(out);
    EXPECT_EQ(out, text);
  }
  const auto value = json.read(R"([7, -2.5, "text", true])", "");
  ASSERT_TRUE(value);
  auto one = value->first();
  EXPECT_EQ(one->count(), 7U);
  EXPECT_EQ(one->number(), 7.0);
  one = one->next();
  EXPECT_EQ(one->number(), -2.5);
  one = one->next();
  EXPECT_EQ(one->text(), "text");
  one = one->next();
  EXPECT_TRUE(one->truth());
  EXPECT_FALSE(one->next());
  EXPECT_FALSE(one->first());
}

}  // namespace
}  // namespace quell::store
