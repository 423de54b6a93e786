// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine answers, byte for byte: a published trace of an ME 11.0 machine, and answers that are wrong.
#include <gmock/gmock.h>

#include "host/mei_device.h"
#include "intel/live/mei.h"

namespace quell::intel::live {

using namespace host;

namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Buffer bytes(std::initializer_list<int> values) {
  Buffer out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

const Buffer version_of_11_0 =
    bytes({0xFF, 0x82, 0, 0, 0, 0, 0x0B, 0, 0x9C, 4, 0, 0, 0, 0, 0x0B, 0, 0x9C, 4, 0, 0, 0, 0, 0x0B, 0, 0x9C, 4, 0, 0});

TEST(MeiMessages, ReadsTheVersionOfThePublishedTrace) {
  EXPECT_THAT(version_request(), testing::ElementsAreArray(bytes({0xFF, 2, 0, 0})));
  const auto versions = version_reply(version_of_11_0);
  ASSERT_TRUE(versions.has_value());
  ASSERT_EQ(versions->size(), 3U);
  EXPECT_EQ(to_string(versions->front()), "11.0.0.1180");
}

TEST(MeiMessages, ReadsTheCapabilitiesOfThePublishedTrace) {
  EXPECT_EQ(rule_request(0), bytes({3, 2, 0, 0, 0, 0, 0, 0}));
  const auto reply = bytes({3, 0x82, 0, 0, 0, 0, 0, 0, 4, 0x40, 0x19, 0x11, 0x31});
  const auto value = rule_reply(reply, 0);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(*value, 0x31111940U);
  const auto names = capability_names(*value, {Product::me, 11, 11, false});
  EXPECT_THAT(names, Contains("dynamic application loader"));
  EXPECT_THAT(names, Contains("platform trust technology (PTT)"));
  EXPECT_THAT(names, Not(Contains("VLAN")));
  EXPECT_THAT(capability_names(*value, {Product::me, 8, 8, false}), Contains("VLAN"));
  // Dell OptiPlex 7060: the feature state lacks bit 29, so PTT is there but off.
  EXPECT_THAT(capability_names(0x31119140, {Product::me, 12, 12, false}), Contains("platform trust technology (PTT)"));
  EXPECT_THAT(capability_names(0x11119140, {Product::me, 12, 12, false}),
              Not(Contains("platform trust technology (PTT)")));
}

TEST(MeiMessages, ReadsAmtStatesBehindTheStatusWord) {
  const auto reply = bytes({1, 1, 0, 0, 0x11, 0, 0x80, 4, 8, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0});
  EXPECT_EQ(amt_number_reply(reply, AmtQuery::provisioning_state), 2U);
  EXPECT_EQ(amt_request(AmtQuery::provisioning_state), bytes({1, 1, 0, 0, 0x11, 0, 0, 4, 0, 0, 0, 0}));
}

TEST(MeiMessages, ListsCodeVersions) {
  Buffer reply = bytes({1, 1, 0, 0, 0x1A, 0, 0x80, 4, 0x75, 0, 0, 0, 0, 0, 0, 0});
  reply.resize(16 + 65);
  for (const std::byte byte : bytes({1, 0, 0, 0, 3, 0, 'A', 'M', 'T'})) reply.push_back(byte);
  reply.resize(85 + 22);
  for (const std::byte byte : bytes({6, 0, '9', '.', '0', '.', '3', '1'})) reply.push_back(byte);
  reply.resize(85 + 44);
  const auto versions = code_versions_reply(reply);
  ASSERT_TRUE(versions.has_value()) << versions.error().message;
  ASSERT_EQ(versions->size(), 1U);
  EXPECT_EQ(versions->front().name, "AMT");
  EXPECT_EQ(versions->front().value, "9.0.31");
}

TEST(MeiMessages, RefusesAnswersThatAreWrong) {
  struct Case {
    const char* what;
    Buffer reply;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"nothing", {}, "only 0 bytes"},
      {"header cut off", bytes({0xFF, 0x82}), "only 2 bytes"},
      {"only a header", bytes({0xFF, 0x82, 0, 0}), "too short"},
      {"no response flag", bytes({0xFF, 0x02, 0, 0, 0, 0, 11, 0, 1, 0, 0, 0}), "another question"},
      {"other command", bytes({3, 0x82, 0, 0, 0, 0, 11, 0, 1, 0, 0, 0}), "another question"},
      {"a failure", bytes({0xFF, 0x82, 0, 0x89, 0, 0, 11, 0, 1, 0, 0, 0}), "refused the question (result 0x89)"},
  };
  for (const Case& one : cases) {
    const auto result = version_reply(one.reply);
    ASSERT_FALSE(result.has_value()) << one.what;
    EXPECT_THAT(result.error().message, HasSubstr(one.message)) << one.what;
  }
  EXPECT_THAT(rule_reply(bytes({3, 0x82, 0, 0, 7, 0, 0, 0, 4, 1, 0, 0, 0}), 0).error().message, HasSubstr("rule 7"));
  EXPECT_THAT(rule_reply(bytes({3, 0x82, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0}), 0).error().message, HasSubstr("1 bytes"));
  Buffer many = bytes({1, 1, 0, 0, 0x1A, 0, 0x80, 4, 0x49, 0, 0, 0, 0, 0, 0, 0});
  many.resize(16 + 65);
  for (int i = 0; i < 4; ++i) many.push_back(std::byte{0xFF});
  EXPECT_THAT(code_versions_reply(many).error().message, HasSubstr("claims 4294967295"));
  Buffer lying = bytes({1, 1, 0, 0, 0x11, 0, 0x80, 4, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 2, 0, 0, 0});
  EXPECT_FALSE(amt_number_reply(lying, AmtQuery::provisioning_state).has_value());
}

TEST(MeiMessages, GuidsGoOverTheWireByteSwapped) {
  EXPECT_EQ(*guid_bytes(mkhi_client),
            bytes({0x15, 0x67, 0x6a, 0x8e, 0xbc, 0x9a, 0x43, 0x40, 0x88, 0xef, 0x9e, 0x39, 0xc6, 0xf6, 0x3e, 0x0f}));
  EXPECT_FALSE(guid_bytes("8e6a6715").has_value());
  EXPECT_FALSE(guid_bytes("8e6a6715-9abc-4043-88ef-9e39c6f63eXX").has_value());
}

}  // namespace
}  // namespace quell::intel::live
