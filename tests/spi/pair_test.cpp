// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/pair.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "quell/flash/descriptor.h"
#include "spi/harness.h"
#include "support/shared.h"

namespace quell::spi {
namespace {

using ::testing::HasSubstr;

// A machine whose descriptor speaks of two chips; FLMAP0 bit 8 and the second density of FLCOMP, 3 bits wide on this
// platform.
Buffer two_chips() {
  Buffer dump = test::machine(1024 * 1024);
  const auto descriptor = flash::parse_descriptor(ByteView(dump));
  dump[0x15] |= std::byte{1};
  auto& densities = dump[descriptor->component_section];
  densities = (densities & std::byte{0x07});  // the second has 512 KiB
  dump.resize(1536 * 1024, std::byte{0x77});
  return dump;
}

TEST(Pair, ReadsBothSizesFromTheDescriptor) {
  const Buffer dump = two_chips();
  const auto sizes = components(ByteView(dump));
  ASSERT_TRUE(sizes.has_value());
  EXPECT_EQ(sizes->first, 1024U * 1024);
  EXPECT_EQ(sizes->second, 512U * 1024);
  EXPECT_EQ(components(ByteView(test::machine(1024 * 1024)))->second, 0U);
  EXPECT_FALSE(components(ByteView(Buffer(8192))).has_value());
}

TEST(Pair, SplitAndJoinAreOpposites) {
  const Buffer dump = two_chips();
  const auto one = split(dump, 1), two = split(dump, 2);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->size(), 1024U * 1024);
  EXPECT_EQ(*join(*one, *two), dump);
}

TEST(Pair, RefusesWhatDoesNotFit) {
  const Buffer dump = two_chips();
  EXPECT_FALSE(split(Bytes(dump).first(dump.size() - 1), 1).has_value());
  EXPECT_FALSE(split(dump, 3).has_value());
  EXPECT_FALSE(split(test::machine(1024 * 1024), 1).has_value()) << "one chip only";
  EXPECT_THAT(join(Bytes(dump).subspan(1024 * 1024), Bytes(dump).first(1024 * 1024)).error().message,
              HasSubstr("give component 1 first"));
}

// FLCOMP 4990001c (3-bit densities) and 49900034 (4-bit ones in a v1 descriptor): both boards have 8 and 4 MiB.
TEST(Pair, ReadsTheRealBoardsRight) {
  QUELL_NEEDS_SHARED("corpus/descriptors");
  unsigned found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::shared("corpus/descriptors"))) {
    const std::string name = entry.path().filename().string();
    if (name.find("xx30") == std::string::npos && name.find("t440p") == std::string::npos) continue;
    const Buffer image = test::read_bytes(entry.path());
    const auto descriptor = flash::parse_descriptor(ByteView(image));
    if (!descriptor) continue;
    const auto flcomp = ByteView(image).u32(descriptor->component_section);
    if (flcomp != 0x4990001CU && flcomp != 0x49900034U) continue;
    const auto sizes = components(ByteView(image));
    ASSERT_TRUE(sizes.has_value()) << name;
    EXPECT_EQ(sizes->first, 8U << 20U) << name;
    EXPECT_EQ(sizes->second, 4U << 20U) << name;
    ++found;
  }
  if (found == 0) GTEST_SKIP() << "the descriptors of those boards are not in ../shared/corpus/descriptors";
}

}  // namespace
}  // namespace quell::spi
