// SPDX-License-Identifier: GPL-2.0-or-later
// Every damaged variant of oracle/other/malformed.json gets its diagnosis: the finding's id, its severity, and the
// numbers that tell the user where to look.
#include <map>

#include <gmock/gmock.h>

#include "support/report_json.h"

namespace quell {
namespace {

using test::Json;

struct Expectation {
  std::string_view id;                     // finding; empty: the input is not recognised
  std::vector<std::string_view> mentions;  // in title and detail
};

const std::map<std::string_view, Expectation>& expectations() {
  static const std::map<std::string_view, Expectation> table{
      {"fip-bad-magic", {"", {}}},
      {"fip-entry-past-end", {"arm.fip.entry-past-end", {"entry 0", "BL31", "past the end of the file"}}},
      {"fip-terminator-overwritten", {"arm.fip.no-terminator", {"no all-zero terminator"}}},
      {"fip-truncated", {"arm.fip.entry-past-end", {"the read was cut short"}}},
      {"fit-pointer-outside", {"intel.fit.pointer", {"0x10000000", "outside", "0xa000"}}},
      {"fit-count-huge", {"intel.fit.count", {"16777215 entries", "past the end of the image"}}},
      {"fit-checksum", {"intel.fit.checksum", {"do not sum to zero"}}},
      {"fit-second-header", {"intel.fit.second-header", {"Entry 1", "the table is damaged"}}},
      {"acm-size-overflow", {"intel.bootguard.acm.damaged", {"17179869180", "131072"}}},
      {"acm-body-bit-flipped", {"intel.bootguard.acm.signature-bad", {"does not match its content"}}},
      {"acm-key-size-wrong", {"intel.bootguard.acm.damaged", {"256-byte key", "1024"}}},
      {"km-count-huge", {"intel.bootguard.km.damaged", {"65535 key hashes", "0x70"}}},
      {"bpm-element-size", {"intel.bootguard.bpm.damaged", {"__IBBS__", "9 bytes", "12-byte header"}}},
      {"bpm-signature-offset", {"intel.bootguard.bpm.damaged", {"0xfff0", "973 bytes"}}},
      {"cbfs-file-length", {"flash.cbfs.file", {"0x3200", "4294967280", "COREBOOT"}}},
      {"fmap-area-count", {"flash.fmap.count", {"65535 areas"}}},
      {"fv-length-zero", {"flash.volume.length", {"volume at 0", "zero"}}},
      {"fv-checksum", {"flash.volume.checksum", {"16-bit header checksum", "at 0x0"}}},
      {"microcode-size", {"flash.microcode.damaged", {"65536", "4096"}}},
      {"itb-total-size", {"arm.uboot-fit.damaged", {"2147483647", "84480"}}},
      {"mbn-cert-chain-size", {"arm.qualcomm.sizes", {"2147483647", "2232"}}},
      {"elf-phdr-past-end", {"arm.qualcomm.segment", {"Program header 1", "hash segment"}}},
      {"img4-truncated", {"apple.image4.damaged", {"SEQUENCE announces"}}},
      {"im4p-inner-length", {"apple.image4.damaged", {"OCTET STRING announces 65280 bytes"}}},
      {"im4p-indefinite-length", {"apple.image4.damaged", {"indefinite length (0x80) is not DER"}}},
      {"im4m-endless-tag", {"apple.image4.damaged", {"more than five bytes", "4-character code"}}},
      {"im4m-digest-bit-flipped", {"apple.manifest.signature-bad", {"does not verify with the certificate inside"}}},
      {"rpi-section-overflow", {"raspberrypi.section.length", {"4294967280", "524288"}}},
      {"rpi-bad-section-magic", {"raspberrypi.section.magic", {"0x11da8", "0x12345678"}}},
      {"rpi-config-edited", {"raspberrypi.config.signature-bad", {"digest and RSA signature both fail"}}},
      {"rpi-bootmain-bit-flipped", {"raspberrypi.section.digest", {"bootmain", "SHA-256 trailer"}}},
      {"rpi-wrong-size", {"raspberrypi.size", {"524288 and 2097152", "cut short"}}},
  };
  return table;
}

Buffer damaged(const Json& item) {
  Buffer bytes = test::sample(item.at("sample"));
  for (const Json& patch : item.at("patches")) {
    const Buffer before = from_hex(patch.at("old").get<std::string>());
    const Buffer after = from_hex(patch.at("new").get<std::string>());
    const std::size_t offset = patch.at("offset");
    EXPECT_TRUE(ByteView(bytes).matches(offset, before)) << "the sample is not the one that was recorded";
    std::ranges::copy(after, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  if (item.contains("truncate_to")) bytes.resize(item.at("truncate_to"));
  return bytes;
}

TEST(DamagedVariants, EveryOneGetsItsDiagnosis) {
  QUELL_NEEDS_SHARED("oracle/other/malformed.json");
  const Json items = test::oracle("malformed");
  EXPECT_EQ(items.size(), expectations().size());
  for (const Json& item : items) {
    const std::string id = item.at("id");
    SCOPED_TRACE(id);
    const auto expected = expectations().find(id);
    ASSERT_NE(expected, expectations().end());
    const Json image = test::inspect(damaged(item), item.at("sample"));
    if (expected->second.id.empty()) {
      EXPECT_TRUE(image.is_null());
      continue;
    }
    ASSERT_FALSE(image.is_null());
    const Json found = test::finding(image, expected->second.id);
    ASSERT_FALSE(found.is_null()) << image.dump(1).substr(0, 4000);
    EXPECT_EQ(found.at("severity"), item.at("expected_severity"));
    const std::string text = found.at("title").get<std::string>() + " " + found.value("detail", std::string());
    for (const std::string_view mention : expected->second.mentions) {
      EXPECT_THAT(text, ::testing::HasSubstr(std::string(mention)));
    }
  }
}

}  // namespace
}  // namespace quell
