// SPDX-License-Identifier: GPL-2.0-or-later
// Files whose headers tell their length or a checksum: what is cut off or altered is noticed.
#include <gtest/gtest.h>

#include "quell/survey/check.h"
#include "quell/survey/report.h"
#include "specimen/other.h"

namespace quell {
namespace {

// Whether `check` finds the bytes to be what they claim: recognised and sound.
bool passes(Bytes bytes) {
  Image image("file", ByteView(bytes));
  const auto report = examine(image, Depth::everything);
  return report && sound(check_items(*report));
}

struct Case {
  const char* name;
  Buffer (*make)();
  std::vector<std::size_t> flips;  // offsets that a header's field or checksum covers
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class WholeFiles : public testing::TestWithParam<Case> {};

TEST_P(WholeFiles, AreSoundAndNoCutOfThemIs) {
  const Buffer bytes = GetParam().make();
  EXPECT_TRUE(passes(bytes));
  for (std::size_t i = 1; i < 64; ++i) {
    const std::size_t size = bytes.size() * i / 64;
    EXPECT_FALSE(passes(Bytes(bytes).first(size))) << size << " of " << bytes.size();
  }
}

TEST_P(WholeFiles, AreNotSoundWithAByteFlipped) {
  const Buffer bytes = GetParam().make();
  for (const std::size_t at : GetParam().flips) {
    Buffer flipped = bytes;
    flipped.at(at) ^= std::byte{0x40};
    EXPECT_FALSE(passes(flipped)) << at;
  }
}

// FIP and ELF headers have sizes and no checksum.
INSTANTIATE_TEST_SUITE_P(Formats, WholeFiles,
                         testing::Values(Case{"uimage", &specimen::uimage, {0x05, 0x09, 0x0E, 0x19, 0x22, 0x40, 0x60}},
                                         Case{"fip", &specimen::fip_package, {0x10 + 17}},
                                         Case{"qualcomm", &specimen::qualcomm_image, {0x35, 0x1029, 0x2080}},
                                         Case{"start_elf", &specimen::raspberrypi_start_elf, {}},
                                         Case{"microcode", &specimen::microcode, {0x30, 0x100}},
                                         Case{"image4", &specimen::image4, {0x80}}),
                         [](const testing::TestParamInfo<Case>& one) { return one.param.name; });

}  // namespace
}  // namespace quell
