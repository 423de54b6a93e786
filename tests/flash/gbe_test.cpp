// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/gbe.h"

#include <gtest/gtest.h>

namespace quell::flash {
namespace {

enum class Bank { blank, marked, unmarked, marked_wrong, unmarked_wrong };

void put_u16(Buffer& region, std::uint64_t at, std::uint16_t value) {
  region.at(at) = static_cast<std::byte>(value);
  region.at(at + 1) = static_cast<std::byte>(value >> 8U);
}

// A bank of 4 KiB whose words 0x00 to 0x3F sum to 0xBABA, or to one more.
void write(Buffer& region, std::uint64_t start, Bank bank) {
  if (bank == Bank::blank) return;
  const bool marked = bank == Bank::marked || bank == Bank::marked_wrong;
  const bool wrong = bank == Bank::marked_wrong || bank == Bank::unmarked_wrong;
  std::uint16_t sum = 0;
  for (std::uint64_t at = 0; at < 0x7E; at += 2) {
    const auto word = static_cast<std::uint16_t>(at == 0x26 ? (marked ? 0x8000 : 0x4000) : at * 0x0123);
    put_u16(region, start + at, word);
    sum = static_cast<std::uint16_t>(sum + word);
  }
  put_u16(region, start + 0x7E, static_cast<std::uint16_t>(0xBABA - sum + (wrong ? 1 : 0)));
}

TEST(Gbe, TheBankInUseDecides) {
  struct Case {
    Bank first, second;
    CheckState state;
    std::uint64_t used;  // offset of the bank that was looked at
  };
  const std::vector<Case> cases{
      {Bank::marked, Bank::marked, CheckState::held, 0},
      {Bank::marked, Bank::blank, CheckState::held, 0},
      {Bank::blank, Bank::marked, CheckState::held, 0x1000},
      {Bank::marked_wrong, Bank::marked, CheckState::failed, 0},
      {Bank::marked, Bank::marked_wrong, CheckState::held, 0},
      {Bank::unmarked, Bank::marked_wrong, CheckState::failed, 0x1000},
      {Bank::unmarked, Bank::blank, CheckState::held, 0},
      {Bank::unmarked_wrong, Bank::unmarked, CheckState::held, 0x1000},
      {Bank::unmarked_wrong, Bank::unmarked_wrong, CheckState::failed, 0},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Buffer region(0x2000, std::byte{0xFF});
    write(region, 0, cases[i].first);
    write(region, 0x1000, cases[i].second);
    const Check check = check_gbe(ByteView(region, 0x500000));
    EXPECT_EQ(check.state, cases[i].state) << i;
    EXPECT_EQ(check.range, (Range{0x500000 + cases[i].used, 0x80})) << i;
    EXPECT_EQ(check.question, Question::checksums);
  }
}

TEST(Gbe, NothingIsVerifiedWhereNothingIs) {
  EXPECT_EQ(check_gbe(ByteView(Buffer(0x2000, std::byte{0xFF}))).state, CheckState::absent);
  EXPECT_EQ(check_gbe(ByteView()).state, CheckState::absent);
  const Buffer cut(0x7F, std::byte{1});
  EXPECT_EQ(check_gbe(ByteView(cut)).state, CheckState::absent);
}

TEST(Gbe, BothBanksAreJudged) {
  Buffer region(0x2000, std::byte{0xFF});
  write(region, 0, Bank::unmarked_wrong);
  write(region, 0x1000, Bank::marked);
  EXPECT_TRUE(is_gbe_region(ByteView(region)));
  const auto banks = gbe_banks(ByteView(region, 0x500000));
  ASSERT_EQ(banks.size(), 2U);
  EXPECT_EQ(banks[0].attributes.text("checksum"), "wrong");
  EXPECT_EQ(*banks[0].attributes.find("used"), Value(false));
  EXPECT_EQ(banks[1].attributes.text("checksum"), "right");
  EXPECT_EQ(*banks[1].attributes.find("used"), Value(true));
  EXPECT_EQ(banks[1].range.offset, 0x501000U);
  EXPECT_EQ(banks[1].attributes.text("nvm_version"), "0.181-14");  // word 5: 10 * 0x0123 = 0x0B5E
  EXPECT_EQ(banks[1].attributes.text("mac_address"), "00:00:46:02:8c:04");
  for (const Attribute& one : banks[1].attributes) EXPECT_EQ(one.show == Show::identifier, one.key == "mac_address");
  EXPECT_TRUE(gbe_banks(ByteView(Buffer(0x2000, std::byte{0xFF}))).empty());
}

TEST(Gbe, EveryByteOfTheWordsCounts) {
  Buffer region(0x1000, std::byte{0xFF});
  write(region, 0, Bank::marked);
  ASSERT_EQ(check_gbe(ByteView(region)).state, CheckState::held);
  for (std::uint64_t at = 0; at < 0x80; ++at) {
    Buffer damaged = region;
    damaged[at] ^= std::byte{0x10};
    EXPECT_EQ(check_gbe(ByteView(damaged)).state, CheckState::failed) << at;
  }
}

}  // namespace
}  // namespace quell::flash
