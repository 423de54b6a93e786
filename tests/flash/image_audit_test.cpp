// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/flash/image_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quell/survey/recognise.h"
#include "specimen/specimen.h"

namespace quell::flash {
namespace {

using specimen::Canvas;
using testing::Contains;
using testing::Not;

constexpr std::uint64_t mib = 1024ULL * 1024;

// A dump of the given size whose chip (density code) and BIOS end are told by the descriptor; filled with 0x33.
Canvas dump(std::uint64_t size, std::uint32_t density, std::uint64_t bios_end) {
  Canvas canvas(size, std::byte{0x33});
  for (std::uint64_t at = 0x1000; at + 4 <= size; at += 4) canvas.u32(at, static_cast<std::uint32_t>(at * 2654435761U));
  canvas.put(0x10, from_hex("5aa5f00f"))
      .u32(0x14, 0x00040003)
      .u32(0x18, 0x02100206)
      .u32(0x1C, 0x00000120)
      .u32(0x30, density)
      .u32(0x40, 0)
      .u32(0x44, static_cast<std::uint32_t>((bios_end / 0x1000 - 1) << 16U) | 0x100U)
      .u32(0x48, 0x00FF0001);
  for (std::uint64_t slot = 3; slot < 8; ++slot) canvas.u32(0x40 + 4 * slot, 0x1FFF);
  return canvas;
}

std::vector<std::string> ids(const Buffer& bytes, Depth depth = Depth::everything) {
  Image image("file", ByteView(bytes));
  recognise(image);
  const auto descriptor = parse_descriptor(image.body());
  std::vector<std::string> out;
  for (const Finding& finding : audit_image(image, descriptor ? &*descriptor : nullptr, depth)) {
    out.push_back(finding.id + " " + std::string(to_string(finding.severity)));
  }
  return out;
}

Canvas& blank(Canvas& canvas, std::uint64_t from, std::uint64_t to) {
  return canvas.put(from, Buffer(to - from, std::byte{0xFF}));
}

TEST(ImageAudit, HasNothingToSayOfASoundDump) {
  EXPECT_THAT(ids(dump(2 * mib, 2, 2 * mib).take()), testing::IsEmpty());
}

TEST(ImageAudit, SeesAShortRead) {
  Buffer bytes = dump(2 * mib, 2, 2 * mib).take();
  bytes.resize(bytes.size() - 4096);
  EXPECT_THAT(ids(bytes, Depth::structure), Contains("image.cut-short critical"));
}

TEST(ImageAudit, SeesASizeThatNoChipHas) {
  EXPECT_THAT(ids(dump(3 * mib, 2, 2 * mib).take(), Depth::structure), Contains("image.size error"));
  EXPECT_THAT(ids(dump(4 * mib, 2, 2 * mib).take(), Depth::structure), Contains("image.size-mismatch warning"));
}

TEST(ImageAudit, SeesBlankRegions) {
  Canvas bios = dump(2 * mib, 2, 2 * mib);
  EXPECT_THAT(ids(Canvas(blank(bios, mib, 2 * mib)).take()), Contains("image.blank error"));
  Canvas me = dump(2 * mib, 2, 2 * mib);
  EXPECT_THAT(ids(Canvas(blank(me, 0x1000, mib)).take()), Contains("image.blank error"));
  Canvas part = dump(2 * mib, 2, 2 * mib);
  EXPECT_THAT(ids(Canvas(blank(part, 0x1000, mib - 1)).take()), Not(Contains("image.blank error")));
}

// Density codes 2 and 1: 2 MiB and 1 MiB, of which the file is the first.
TEST(ImageAudit, JudgesThePartThatIsOnTheFirstOfTwoChips) {
  Canvas canvas = dump(2 * mib, 2 | 1U << 3U, 3 * mib);
  canvas.u32(0x14, 0x00040103);
  EXPECT_THAT(ids(Canvas(blank(canvas, mib, 2 * mib)).take()), Contains("image.blank info"));
  EXPECT_THAT(ids(Canvas(blank(canvas, mib, 2 * mib)).take()), Not(Contains("image.blank error")));
}

// A brick that was really flashed: the descriptor of a smaller chip under an image for a larger one.
TEST(ImageAudit, SeesAFirstInstructionThatTheDescriptorDoesNotReach) {
  Canvas canvas = dump(4 * mib, 2, 2 * mib);
  EXPECT_THAT(ids(Canvas(canvas).take(), Depth::structure), Contains("image.size-mismatch warning"));
  canvas.u8(4 * mib - 16, 0xEA).u8(2 * mib - 16, 0xFF);
  EXPECT_THAT(ids(Canvas(canvas).take(), Depth::structure), Contains("image.beyond-descriptor error"));
  canvas.u8(2 * mib - 16, 0xEA);
  EXPECT_THAT(ids(Canvas(canvas).take(), Depth::structure), Not(Contains("image.beyond-descriptor error")));
}

TEST(ImageAudit, SeesAMissingResetVector) {
  Canvas canvas = dump(2 * mib, 2, 2 * mib);
  EXPECT_THAT(ids(Canvas(blank(canvas, 2 * mib - 0x1000, 2 * mib)).take()), Contains("image.reset-vector error"));
}

TEST(ImageAudit, SeesAChipReadAtTwiceItsSize) {
  Buffer bytes = dump(2 * mib, 2, 2 * mib).take();
  const Buffer once = bytes;
  bytes.insert(bytes.end(), once.begin(), once.end());
  EXPECT_THAT(ids(bytes), Contains("image.repeated critical"));
  const Buffer twice = bytes;
  bytes.insert(bytes.end(), twice.begin(), twice.end());
  EXPECT_THAT(ids(bytes), Contains("image.repeated critical"));
  bytes.back() ^= std::byte{1};
  EXPECT_THAT(ids(bytes), Not(Contains("image.repeated critical")));
}

TEST(ImageAudit, SeesANearlyEmptyRead) {
  Canvas canvas = dump(2 * mib, 2, 2 * mib);
  EXPECT_THAT(ids(Canvas(blank(canvas, 0x2000, 2 * mib)).take()), Contains("image.empty critical"));
}

TEST(ImageAudit, ReadsEveryByteOnlyWhenAsked) {
  Canvas canvas = dump(2 * mib, 2, 2 * mib);
  EXPECT_THAT(ids(Canvas(blank(canvas, 0x2000, 2 * mib)).take(), Depth::structure), testing::IsEmpty());
}

// What an updater writes has a header and whatever length its vendor gave it.
TEST(ImageAudit, AnUpdateFileIsNotAskedForTheSizeOfAChip) {
  const Buffer inner = dump(mib, 1, mib).take();
  Buffer bytes(0x1000 - 0x30, std::byte{0x11});
  bytes.insert(bytes.end(), inner.begin(), inner.end());
  EXPECT_THAT(ids(bytes), Not(Contains(testing::StartsWith("image.size"))));
}

}  // namespace
}  // namespace quell::flash
