// SPDX-License-Identifier: GPL-2.0-or-later
// An image that can be read by eye, and what is read from it.
#include <gmock/gmock.h>

#include "intel/disable_bit.h"
#include "intel/fpt.h"
#include "quell/flash/descriptor.h"
#include "support/report_json.h"
#include "support/text_image.h"

namespace quell::intel {
namespace {

using test::TextImage;

TextImage series_6() { return TextImage(std::filesystem::path(QUELL_SOURCE) / "tests/intel/images/series-6.image"); }

TEST(TextImages, TheBoardOfTheSixSeriesIsReadAsItIsWritten) {
  const TextImage image = series_6();
  const ByteView view(image.bytes());
  const auto d = flash::parse_descriptor(view).value();
  EXPECT_EQ(d.region(1)->range, (Range{0x40000, 0x40000}));
  EXPECT_EQ(d.region(2)->range, (Range{0x1000, 0x3F000}));
  EXPECT_FALSE(d.region(3)->in_use());
  EXPECT_EQ(d.straps.size(), 18U);
  EXPECT_EQ(d.straps.at(10), 0x00410044U);
  EXPECT_EQ(d.masters.at(1), 0x04050000U);

  const DisableBits bits = find_disable_bits(d, view, {});
  EXPECT_EQ(bits.platform.name, "CPT/PPT");
  EXPECT_EQ(bits.set(), false);

  const auto table = parse_fpt(view.clip(d.region(2)->range), 0x10).value();
  EXPECT_TRUE(table.checksum_valid);
  std::vector<std::string> names;
  for (const FptEntry& entry : table.entries) names.push_back(entry.name + (entry.has_data() ? "" : " (no bytes)"));
  EXPECT_THAT(names, testing::ElementsAre("FTPR", "EFFS", "NVKR (no bytes)"));
}

struct Change {
  std::string_view what;
  std::string line;
  std::string_view finding;
};

TEST(TextImages, OneWordChangedIsOneFinding) {
  const test::Json sound = test::inspect(series_6().bytes(), "board");
  for (const Change& c :
       {Change{"BIOS begins inside the ME region", "0x0044 0x007F0020", "flash.region.overlap"},
        Change{"the ME region ends behind the file", "0x0048 0x00FF0001", "flash.region.beyond-file"},
        Change{"a region is unused between two others", "0x0048 0x002F0001", "flash.region.gap"},
        Change{"the chip is larger than the file", "0x0030 0x09900001", "image.size-mismatch"},
        Change{"the ME may write the BIOS region", "0x0064 0x06070000", "flash.access.me-writes-bios"},
        Change{"the host may not read the BIOS region", "0x0060 0x00010000", "flash.access.host-cannot-read-bios"},
        Change{"the straps lie on the masters", "0x0018 0x12060206", "flash.descriptor.sections-overlap"}}) {
    EXPECT_TRUE(test::finding(sound, c.finding).is_null()) << c.finding;
    const TextImage changed = series_6().put(c.line);
    EXPECT_FALSE(test::finding(test::inspect(changed.bytes(), "board"), c.finding).is_null()) << c.what;
  }
}

}  // namespace
}  // namespace quell::intel
