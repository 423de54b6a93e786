// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>

#include "apple/image4.h"
#include "apple/ticket.h"
#include "base/der.h"
#include "quell/survey/check.h"
#include "quell/survey/report.h"
#include "specimen/other.h"
#include "specimen/signing.h"

namespace quell::apple {
namespace {

TEST(Image4, PayloadUnpacksAndTheManifestNamesItsDigest) {
  const Buffer bytes = specimen::image4();
  const auto image = parse_image4(ByteView(bytes));
  ASSERT_TRUE(image);
  EXPECT_TRUE(image->problems.empty());
  EXPECT_EQ(image->payload->type, "krnl");
  EXPECT_EQ(image->digest_in_manifest, true);
  EXPECT_EQ(image->manifest->signature_valid, true);
  EXPECT_EQ(image->manifest->signature_hash, "SHA-384");
  EXPECT_EQ(image->manifest->certificate, "CN = specimen");
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

// The signature covers everything of the manifest's set, from its tag on, and holds for one key.
TEST(Image4, AnAlteredManifestSignatureOrKeyIsRefused) {
  const Buffer good = specimen::image4();
  const Im4m manifest = *parse_image4(ByteView(good))->manifest;
  const Buffer modulus = specimen::TestKey::of_bits(4096).modulus(ByteOrder::big);
  const auto key = ByteView(good).find(modulus);
  ASSERT_TRUE(key);
  const Range covered = manifest.signed_part.range();
  struct Case {
    std::string_view what;
    std::uint64_t offset;
  };
  for (const Case& c : {Case{"the chip that it is for", *ByteView(good).find(from_hex("0203008015")) + 4},
                        Case{"the payload's digest", *ByteView(good).find(as_bytes("DGST")) + 8},
                        Case{"the last covered byte", covered.end() - 1},
                        Case{"the signature's first byte", manifest.signature.range().offset},
                        Case{"the signature's last byte", manifest.signature.range().end() - 1},
                        Case{"the key's first byte", *key}, Case{"the key's last byte", *key + modulus.size() - 1}}) {
    Buffer bytes = good;
    bytes.at(c.offset) ^= std::byte{2};
    const auto image = parse_image4(ByteView(bytes));
    ASSERT_TRUE(image && image->manifest) << c.what;
    EXPECT_EQ(image->manifest->signature_valid, false) << c.what;
    EXPECT_THAT(audit(*image), testing::Contains(testing::Field(&Finding::id, "apple.manifest.signature-bad")))
        << c.what;
  }
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

// IM4P with the properties PAYP and behind them an octet string, which is a digest and no list of keybags.
TEST(Image4, AnOctetStringBehindThePropertiesIsADigest) {
  const auto element = [](std::uint8_t tag, const Buffer& content) {
    Buffer out{static_cast<std::byte>(tag), static_cast<std::byte>(content.size())};
    out.insert(out.end(), content.begin(), content.end());
    return out;
  };
  const auto text = [&element](std::string_view value) {
    const Bytes raw = as_bytes(value);
    return element(0x16, Buffer(raw.begin(), raw.end()));
  };
  const auto joined = [](std::initializer_list<Buffer> parts) {
    Buffer out;
    for (const Buffer& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
  };
  const Buffer properties = element(0xA0, element(0x30, joined({text("PAYP"), element(0x31, {})})));
  const Buffer digest(48, std::byte{0x5A});
  const Buffer file = element(0x30, joined({text("IM4P"), text("ibot"), text("iBoot-1"),
                                            element(0x04, from_hex("0011")), properties, element(0x04, digest)}));
  const auto image = parse_image4(ByteView(file));
  ASSERT_TRUE(image && image->payload);
  EXPECT_TRUE(image->problems.empty());
  EXPECT_FALSE(image->payload->encrypted());
  EXPECT_TRUE(equal(image->payload->digest, digest));
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

// As tools save what Apple's server signed for one device.
Buffer ticket_of(Bytes manifest) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < manifest.size(); at += 3) {
    std::uint32_t bits = 0;
    const std::size_t many = std::min<std::size_t>(3, manifest.size() - at);
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8U | (i < many ? std::to_integer<unsigned>(manifest[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) text += i <= many ? digits[bits >> (18 - 6 * i) & 63U] : '=';
    if (at % 54 == 51) text += "\n\t";
  }
  const std::string list =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n"
      "\t<key>ApImg4Ticket</key>\n\t<data>\n\t" +
      text + "\n\t</data>\n</dict>\n</plist>\n";
  const Bytes bytes = as_bytes(list);
  return {bytes.begin(), bytes.end()};
}

TEST(SigningTicket, IsTheManifestThatItHolds) {
  const Buffer whole = specimen::image4();
  const Im4m manifest = *parse_image4(ByteView(whole))->manifest;
  const Buffer bytes = ticket_of(manifest.whole.bytes());
  const auto ticket = read_ticket(ByteView(bytes));
  ASSERT_TRUE(ticket.has_value());
  EXPECT_TRUE(ticket->whole);
  EXPECT_TRUE(equal(ticket->manifest, manifest.whole.bytes()));
  Image image("saved.shsh2", ByteView(bytes));
  const auto report = examine(image, Depth::everything);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->what.kind, "apple.ticket");
  ASSERT_EQ(report->engines.size(), 1U);
  EXPECT_EQ(report->engines.front().facts.text("manifest_signature"), "valid");
  EXPECT_TRUE(sound(check_items(*report)));
}

TEST(SigningTicket, IsNotSoundWhenItIsCutOrAltered) {
  const Buffer whole = specimen::image4();
  const Buffer bytes = ticket_of(parse_image4(ByteView(whole))->manifest->whole.bytes());
  const auto passes = [](Bytes part) {
    Image image("saved.shsh2", ByteView(part));
    const auto report = examine(image, Depth::everything);
    return report && sound(check_items(*report));
  };
  const std::size_t end = *ByteView(bytes).find(as_bytes("</data>"));
  for (std::size_t i = 1; i < 64; ++i) EXPECT_FALSE(passes(Bytes(bytes).first(end * i / 64))) << i;
  Buffer altered = bytes;
  altered.at(end / 2) = altered.at(end / 2) == std::byte{'A'} ? std::byte{'B'} : std::byte{'A'};
  EXPECT_FALSE(passes(altered));
}

}  // namespace
}  // namespace quell::apple
