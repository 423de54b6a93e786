// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>

#include "base/der.h"
#include "quell/apple/image4.h"
#include "quell/specimen/other.h"

namespace quell::apple {
namespace {

TEST(Image4, PayloadUnpacksAndTheManifestNamesItsDigest) {
  const Buffer bytes = specimen::image4();
  const auto image = parse_image4(ByteView(bytes));
  ASSERT_TRUE(image);
  EXPECT_TRUE(image->problems.empty());
  EXPECT_EQ(image->payload->type, "krnl");
  EXPECT_EQ(image->digest_in_manifest, true);
  const auto content = unpack(*image->payload);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_TRUE(equal(*content, as_bytes("a kernel cache that holds nothing at all")));
}

TEST(Image4, AnEditedPayloadIsNoLongerNamed) {
  Buffer bytes = specimen::image4();
  const auto at = ByteView(bytes).find(as_bytes("KernelCache"));
  bytes.at(*at) ^= std::byte{1};
  const auto image = parse_image4(ByteView(bytes));
  EXPECT_EQ(image->digest_in_manifest, false);
}

TEST(Image4, EveryCutIsDamageAndNeverACrash) {
  const Buffer bytes = specimen::image4();
  for (std::size_t size = 64; size < bytes.size(); ++size) {
    const Buffer cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto image = parse_image4(ByteView(cut));
    ASSERT_TRUE(image);
    EXPECT_FALSE(image->problems.empty()) << size;
  }
}

TEST(Der, RejectsWhatIsNotDer) {
  struct Case {
    std::string_view bytes;
    std::string_view message;
  };
  for (const Case& c :
       {Case{"3080", "indefinite length"}, Case{"3005aa", "announces 5 bytes"},
        Case{"ffffffffffffff00", "more than five bytes"}, Case{"30890101010101010101010100", "not possible"}}) {
    const Buffer bytes = from_hex(c.bytes);
    DerReader reader{ByteView(bytes)};
    const auto item = reader.next();
    ASSERT_FALSE(item) << c.bytes;
    EXPECT_THAT(item.error().message, ::testing::HasSubstr(std::string(c.message)));
  }
}

}  // namespace
}  // namespace quell::apple
