// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/journal.h"

#include <gtest/gtest.h>

#include "spi/harness.h"

namespace quell::spi {
namespace {

using test::TemporaryFolder;

std::string text_of(const Buffer& bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += static_cast<char>(byte);
  return text;
}

// "opened", begin 0, done 0, begin 1.
std::string written(const TemporaryFolder& folder) {
  auto journal = Journal::create(folder / "journal");
  EXPECT_TRUE(journal.has_value());
  EXPECT_TRUE(journal->append("opened", "flash"));
  EXPECT_TRUE(journal->append("unit-begin", "0 0x10000"));
  EXPECT_TRUE(journal->append("unit-done", "0 0x10000"));
  EXPECT_TRUE(journal->append("unit-begin", "1 0x20000"));
  return text_of(test::read_bytes(folder / "journal"));
}

TEST(Journal, ReadsBackWhatWasWritten) {
  const TemporaryFolder folder;
  const JournalContent content = parse_journal(written(folder));
  ASSERT_EQ(content.records.size(), 4U);
  EXPECT_FALSE(content.torn);
  EXPECT_FALSE(content.damaged);
  EXPECT_EQ(content.records[1].payload, "0 0x10000");
  EXPECT_FALSE(content.closed());
}

TEST(Journal, IgnoresATornLastLineAtEveryLength) {
  const TemporaryFolder folder;
  const std::string whole = written(folder);
  const std::size_t third = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t size = third + 1; size < whole.size(); ++size) {
    const JournalContent content = parse_journal(std::string_view(whole).substr(0, size));
    EXPECT_EQ(content.records.size(), 3U) << size;
    EXPECT_TRUE(content.torn) << size;
    EXPECT_FALSE(content.damaged) << size;
    EXPECT_EQ(content.valid_bytes, third);
  }
}

TEST(Journal, NoFlippedBitBeforeTheLastLineGoesUnnoticed) {
  const TemporaryFolder folder;
  const std::string whole = written(folder);
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t i = 0; i < last; ++i) {
    std::string bad = whole;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const JournalContent content = parse_journal(bad);
    EXPECT_TRUE(content.damaged || content.torn) << i;
    EXPECT_LT(content.records.size(), 4U);
  }
}

TEST(Journal, AMissingLineIsDamage) {
  const TemporaryFolder folder;
  const std::string whole = written(folder);
  const std::size_t first = whole.find('\n') + 1;
  const std::size_t second = whole.find('\n', first) + 1;
  const JournalContent content = parse_journal(whole.substr(0, first) + whole.substr(second));
  EXPECT_TRUE(content.damaged);
  EXPECT_EQ(content.records.size(), 1U);
  EXPECT_TRUE(parse_journal(whole + whole.substr(first, second - first)).torn) << "a line that stands twice";
}

TEST(Journal, ResumesAfterATornLineWithoutLosingOrDoublingRecords) {
  const TemporaryFolder folder;
  const std::string whole = written(folder);
  test::write_bytes(folder / "journal", as_bytes(std::string_view(whole).substr(0, whole.size() - 5)));
  auto journal = Journal::resume(folder / "journal");
  ASSERT_TRUE(journal.has_value());
  EXPECT_EQ(journal->before().records.size(), 3U);
  ASSERT_TRUE(journal->append("resumed"));
  const JournalContent content = parse_journal(text_of(test::read_bytes(folder / "journal")));
  ASSERT_EQ(content.records.size(), 4U);
  EXPECT_FALSE(content.torn || content.damaged);
  EXPECT_EQ(content.records.back().type, "resumed");
  EXPECT_EQ(content.records.back().sequence, 4U);
}

TEST(Journal, RefusesToStartOverAnExistingFile) {
  const TemporaryFolder folder;
  written(folder);
  EXPECT_FALSE(Journal::create(folder / "journal").has_value());
}

TEST(Journal, KeepsALineBreakInAMessageFromForgingARecord) {
  const TemporaryFolder folder;
  auto journal = Journal::create(folder / "journal");
  ASSERT_TRUE(journal->append("unit-failed", "one\n2 x 0 closed done"));
  const JournalContent content = parse_journal(text_of(test::read_bytes(folder / "journal")));
  ASSERT_EQ(content.records.size(), 1U);
  EXPECT_FALSE(content.closed());
}

}  // namespace
}  // namespace quell::spi
