// SPDX-License-Identifier: GPL-2.0-or-later
// Files whose headers tell their length or a checksum: what is cut off or altered is noticed.
#include <gtest/gtest.h>

#include "quell/mapped_file.h"
#include "quell/survey/check.h"
#include "quell/survey/report.h"
#include "specimen/amd.h"
#include "specimen/other.h"
#include "specimen/specimen.h"
#include "support/shared.h"

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

// An image of an AMD processor; its flash map is what tells how long it is.
Buffer amd_board() {
  const Buffer image = specimen::amd_image(specimen::AmdLayout::levels, {.size = 0x200000});
  specimen::Canvas canvas(image.size());
  canvas.put(0, image);
  constexpr std::uint64_t map = 0;
  canvas.text(map, "__FMAP__").u8(map + 8, 1).u8(map + 9, 1).u16(map + 0x0A, 0).u32(map + 0x0C, 0);
  canvas.u32(map + 0x10, 0).u32(map + 0x12, 0x200000).put(map + 0x16, Buffer(32, std::byte{0}));
  canvas.text(map + 0x16, "FLASH").u16(map + 0x36, 1);
  canvas.u32(map + 0x38, 0).u32(map + 0x3C, 0x1000).put(map + 0x40, Buffer(34, std::byte{0})).text(map + 0x40, "FMAP");
  return canvas.bytes();
}

// FIP and ELF headers have sizes and no checksum.
INSTANTIATE_TEST_SUITE_P(Formats, WholeFiles,
                         testing::Values(Case{"uimage", &specimen::uimage, {0x05, 0x09, 0x0E, 0x19, 0x22, 0x40, 0x60}},
                                         Case{"fip", &specimen::fip_package, {0x10 + 17}},
                                         Case{"qualcomm", &specimen::qualcomm_image, {0x35, 0x1029, 0x2080}},
                                         Case{"start_elf", &specimen::raspberrypi_start_elf, {}},
                                         Case{"microcode", &specimen::microcode, {0x30, 0x100}},
                                         Case{"image4", &specimen::image4, {0x80}}, Case{"amd_board", &amd_board, {}}),
                         [](const testing::TestParamInfo<Case>& one) { return one.param.name; });

// What is signed by a key of Raspberry Pi cannot be made here. Flips: a section's length, and code that a digest or a
// signature covers.
TEST(WholeBootEeproms, AreSoundAndNoCutOfThemIs) {
  QUELL_NEEDS_SHARED("corpus/rpi");
  const std::vector<std::pair<const char*, std::vector<std::size_t>>> samples{
      {"pieeprom-2711-2026-08-04.bin", {0x4}}, {"pieeprom-2712-2026-08-12-ab.bin", {0x4, 0x4000}}};
  for (const auto& [name, flips] : samples) {
    const MappedFile file = *MappedFile::open(test::shared(std::string("corpus/rpi/") + name));
    const Bytes bytes = file.view().bytes();
    EXPECT_TRUE(passes(bytes)) << name;
    for (std::size_t i = 1; i < 64; ++i) EXPECT_FALSE(passes(bytes.first(bytes.size() * i / 64))) << name << i;
    for (const std::size_t at : flips) {
      Buffer flipped(bytes.begin(), bytes.end());
      flipped.at(at) ^= std::byte{0x40};
      EXPECT_FALSE(passes(flipped)) << name << at;
    }
  }
}

}  // namespace
}  // namespace quell
