// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/byte_view.h"

#include <limits>

#include <gtest/gtest.h>

namespace quell {
namespace {

constexpr auto max = std::numeric_limits<std::uint64_t>::max();
const Buffer eight = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                      std::byte{5}, std::byte{6}, std::byte{7}, std::byte{8}};

TEST(ByteView, ReadsBothByteOrders) {
  const ByteView view(eight);
  EXPECT_EQ(*view.u8(7), 8);
  EXPECT_EQ(*view.u16(0), 0x0201);
  EXPECT_EQ(*view.u32(1), 0x05040302U);
  EXPECT_EQ(*view.u64(0), 0x0807060504030201U);
  EXPECT_EQ(*view.be16(0), 0x0102);
  EXPECT_EQ(*view.be32(4), 0x05060708U);
  EXPECT_EQ(*view.be64(0), 0x0102030405060708U);
}

TEST(ByteView, CountsBytesOfOneValueAcrossBlocks) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 129U, 1000U}) {
    Buffer bytes(size, std::byte{0xFF});
    EXPECT_EQ(count_of(bytes, std::byte{0xFF}), size);
    EXPECT_EQ(count_of(bytes, std::byte{0}), 0U);
    if (size > 2) bytes[size / 2] = bytes.back() = std::byte{0};
    EXPECT_EQ(count_of(bytes, std::byte{0}), size > 2 ? 2U : 0U);
  }
}

TEST(ByteView, RefusesReadsThatLeaveTheView) {
  const ByteView view(eight, 0x100);
  for (const std::uint64_t offset : {std::uint64_t{5}, std::uint64_t{8}, std::uint64_t{9}, max, max - 3}) {
    EXPECT_FALSE(view.u32(offset).has_value()) << offset;
    EXPECT_FALSE(view.be32(offset).has_value()) << offset;
  }
  EXPECT_FALSE(view.sub(4, 5).has_value());
  EXPECT_FALSE(view.sub(1, max).has_value());
  EXPECT_FALSE(view.from(9).has_value());
  EXPECT_EQ(view.from(8)->size(), 0U);
}

TEST(ByteView, ErrorsSpeakOfImageOffsets) {
  const ByteView view = *ByteView(eight, 0x100).sub(2, 4);
  EXPECT_EQ(view.origin(), 0x102U);
  EXPECT_EQ(view.u32(1).error().offset, 0x103U);
}

TEST(ByteView, FindHonoursAlignment) {
  const Buffer bytes = {std::byte{0}, std::byte{9}, std::byte{9}, std::byte{0}, std::byte{9}};
  const Buffer nine = {std::byte{9}};
  EXPECT_EQ(ByteView(bytes).find(nine), 1U);
  EXPECT_EQ(ByteView(bytes).find(nine, 0, 2), 2U);
  EXPECT_EQ(ByteView(bytes).find(nine, 3), 4U);
  EXPECT_EQ(ByteView(bytes).find(nine, max), std::nullopt);
}

TEST(ByteView, TextStopsAtNulAndEscapesTheRest) {
  const Buffer bytes = {std::byte{'F'}, std::byte{0xE0}, std::byte{0}, std::byte{'x'}};
  EXPECT_EQ(*ByteView(bytes).text(0, 4), "F\\xe0");
}

TEST(ByteView, FilledWith) {
  EXPECT_TRUE(ByteView(Buffer(100, std::byte{0xFF})).filled_with(std::byte{0xFF}));
  EXPECT_FALSE(ByteView(eight).filled_with(std::byte{1}));
  EXPECT_FALSE(ByteView().filled_with(std::byte{0}));
}

TEST(Fields, ReportTheFirstFailureWithTheStructuresName) {
  Fields fields(ByteView(eight), "demo header");
  EXPECT_EQ(fields.u16(0), 0x0201);
  EXPECT_EQ(fields.u32(6), 0U);
  EXPECT_EQ(fields.u32(100), 0U);
  const auto result = fields.done();
  ASSERT_FALSE(result.has_value());
  EXPECT_TRUE(result.error().message.starts_with("demo header: "));
  EXPECT_EQ(result.error().offset, 6U);
}

TEST(Range, NeverWraps) {
  constexpr Range huge{max - 1, 10};
  EXPECT_EQ(huge.end(), max);
  EXPECT_FALSE((Range{0, 10}.contains(huge)));
  EXPECT_FALSE((Range{0, 0}.intersects({0, 10})));
  EXPECT_EQ((Range{2, 6}.intersection({4, 100})), (Range{4, 4}));
  EXPECT_EQ(checked_add(max, 1), std::nullopt);
  EXPECT_EQ(checked_mul(max, 2), std::nullopt);
}

}  // namespace
}  // namespace quell
