// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/landmarks.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace quell {
namespace {

Buffer with(std::uint64_t size, std::uint64_t offset, std::string_view text) {
  Buffer image(size, std::byte{0xFF});
  std::ranges::copy(as_bytes(text), image.begin() + static_cast<std::ptrdiff_t>(offset));
  return image;
}

struct Signature {
  std::string_view text;
  Mark mark;
};
constexpr Signature signatures[] = {
    {"_FVH", Mark::firmware_volume}, {{"\x01\x00\x64\xAA", 4}, Mark::fip}, {"\xD0\x0D\xFE\xED", Mark::device_tree},
    {"_FIT_   ", Mark::fit},         {"__KEYM__", Mark::key_manifest},     {"__ACBP__", Mark::boot_policy},
    {"__FMAP__", Mark::fmap}};

TEST(Landmarks, FindsEachSignatureOnEveryWordOfAFileOfAnySize) {
  for (const Signature& signature : signatures) {
    for (const std::uint64_t size : {std::uint64_t{1024}, std::uint64_t{1500}, std::uint64_t{3072}}) {
      for (std::uint64_t offset = 0; offset + signature.text.size() <= size; offset += 4) {
        const Buffer image = with(size, offset, signature.text);
        const auto found = find_landmarks(ByteView(image));
        ASSERT_EQ(found.size(), 1U) << signature.text << " at " << offset << " of " << size;
        EXPECT_EQ(found.front().mark, signature.mark);
        EXPECT_EQ(found.front().offset, offset);
      }
    }
  }
}

TEST(Landmarks, TakesNothingForASignatureThatIsNone) {
  constexpr std::string_view others[] = {"_FVX", "_VFH", "__KEYM_x", "__xx____", "_FIT_xxx", "F_"};
  for (const std::string_view text : others) {
    EXPECT_TRUE(find_landmarks(ByteView(with(2048, 512, text))).empty()) << text;
  }
  EXPECT_TRUE(find_landmarks(ByteView(with(2048, 513, "_FVH"))).empty()) << "not on a word";
}

}  // namespace
}  // namespace quell
