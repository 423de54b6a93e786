// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/microcode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specimen/other.h"

namespace quell::flash {
namespace {

Buffer file_of(std::size_t updates, std::size_t padding, std::byte with) {
  const Buffer one = specimen::microcode();
  Buffer out;
  for (std::size_t i = 0; i < updates; ++i) {
    out.insert(out.end(), one.begin(), one.end());
    out.insert(out.end(), padding, with);
  }
  return out;
}

TEST(MicrocodeFile, HoldsEveryUpdateWhateverLiesBetween) {
  for (const std::byte with : {std::byte{0}, std::byte{0xFF}}) {
    for (const std::size_t padding : {0U, 16U, 0x250U, 0x1000U}) {
      const Buffer bytes = file_of(3, padding, with);
      const MicrocodeFile file = parse_microcode_file(ByteView(bytes));
      EXPECT_EQ(file.updates.size(), 3U) << padding;
      EXPECT_THAT(file.problems, testing::IsEmpty()) << padding;
    }
  }
}

TEST(MicrocodeFile, ADamagedHeaderDoesNotHideAnUpdate) {
  const std::size_t one = specimen::microcode().size();
  for (const std::size_t at : {0U, 8U, 0x14U}) {
    Buffer bytes = file_of(2, 0, std::byte{0});
    bytes.at(one + at) ^= std::byte{0x40};
    const MicrocodeFile file = parse_microcode_file(ByteView(bytes));
    ASSERT_EQ(file.problems.size(), 1U) << at;
    EXPECT_EQ(file.problems[0].severity, Severity::error);
  }
}

TEST(MicrocodeFile, ACutOneIsDamaged) {
  const Buffer whole = file_of(2, 0, std::byte{0});
  for (std::size_t size = 4; size < whole.size(); size += 4) {
    if (size == whole.size() / 2) continue;
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    if (!looks_like_microcode(ByteView(cut))) continue;
    EXPECT_THAT(parse_microcode_file(ByteView(cut)).problems, testing::Not(testing::IsEmpty())) << size;
  }
}

}  // namespace
}  // namespace quell::flash
