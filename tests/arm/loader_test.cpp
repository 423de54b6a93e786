// SPDX-License-Identifier: GPL-2.0-or-later
// Boot programs of ARM boards as files of their own.
#include <gtest/gtest.h>

#include "specimen/specimen.h"
#include "support/report_json.h"

namespace quell {
namespace {

using specimen::Canvas;

// An AArch64 program with the strings of a monitor, one segment up to the end.
Buffer elf_monitor() {
  Canvas canvas(0x2000, std::byte{0});
  canvas.put(0, from_hex("7f454c46020101")).u16(0x10, 2).u16(0x12, 183).u64(0x18, 0x40000).u64(0x20, 0x40);
  canvas.u16(0x36, 56).u16(0x38, 1).u32(0x40, 1).u64(0x48, 0x1000).u64(0x60, 0x1000).u64(0x68, 0x1000);
  canvas.u32(0x1000, 0xAA0003F4);  // mov x20, x0
  canvas.text(0x1100, "v2.9(release):v2.9.0").text(0x1140, "Built : 10:00:00, Jan  1 2024").text(0x1180, "BL31: done");
  canvas.text(0x11C0, "opteed_fast");
  return std::move(canvas).take();
}

Buffer without_header(const Buffer& elf) { return {elf.begin() + 0x1000, elf.end()}; }

Buffer mediatek_preloader() {
  Canvas canvas(0x1000, std::byte{0x11});
  canvas.put(0, from_hex("4d4d4d0138000000")).text(8, std::string_view("FILE_INFO\0\0\0", 12)).u32(0x1C, 0x201000);
  canvas.u32(0x20, 0x1000).u32(0x2C, 0x20);
  return std::move(canvas).take();
}

Buffer mediatek_partition() {
  Canvas canvas(0x1200, std::byte{0x11});
  canvas.u32(0, 0x58881688).u32(4, 0x1000).put(8, Buffer(32, std::byte{0})).text(8, "tee");
  return std::move(canvas).take();
}

Buffer rockchip_pack() {
  Canvas canvas(0x400, std::byte{0});
  canvas.text(0, "LDR ").u16(4, 0x66).u32(6, 0x01230000).u16(0x0E, 2024).u8(0x10, 3).u8(0x11, 9);
  canvas.u8(0x19, 1).u32(0x1A, 0x66).u8(0x1E, 0x39);
  canvas.u8(0x66, 0x39).u32(0x67, 1).u8(0x6B, 'D').u8(0x6D, 'D').u8(0x6F, 'R').u32(0x93, 0x200).u32(0x97, 0x1FC);
  return std::move(canvas).take();
}

TEST(Loaders, TellWhatAPackOfRockchipHoldsAndThatItIsCut) {
  const Buffer pack = rockchip_pack();
  const auto report = test::inspect(pack, "file");
  EXPECT_EQ(report.at("kind"), "arm.rockchip-pack");
  const auto attributes = test::engine(report, "arm-tee").at("tree").at("attributes");
  EXPECT_EQ(attributes.at("programs").at(0), "DDR");
  EXPECT_EQ(attributes.at("built"), "2024-03-09");
  EXPECT_TRUE(test::finding(report, "arm.loader.cut").is_null());
  const auto cut = test::inspect(Buffer(pack.begin(), pack.begin() + 0x300), "file");
  EXPECT_FALSE(test::finding(cut, "arm.loader.cut").is_null());
}

TEST(Loaders, AreNamedByWhatProvesThem) {
  struct Case {
    Buffer bytes;
    std::string kind;
  };
  Canvas amlogic(0x200, std::byte{0});
  Buffer image = amlogic.u32(0, 0x12348765).bytes();
  const Buffer raw = without_header(elf_monitor());
  image.insert(image.end(), raw.begin(), raw.end());
  for (const Case& c :
       {Case{elf_monitor(), "arm.bl31"}, Case{raw, "arm.bl31"}, Case{image, "arm.bl31"},
        Case{mediatek_preloader(), "arm.mediatek-loader"}, Case{mediatek_partition(), "arm.mediatek-image"}}) {
    const auto report = test::inspect(c.bytes, "file");
    ASSERT_FALSE(report.is_null()) << c.kind;
    EXPECT_EQ(report.at("kind"), c.kind);
    if (c.kind != "arm.bl31") continue;
    const auto facts = test::engine(report, "arm-tee").at("facts");
    EXPECT_EQ(facts.at("version"), "v2.9(release):");
    EXPECT_EQ(facts.at("dispatcher"), "OP-TEE");
    EXPECT_TRUE(test::finding(report, "arm.trusted-os.none").is_null()) << "the monitor alone does not tell";
  }
}

TEST(Loaders, AMonitorInsideSomethingElseDoesNotNameIt) {
  Buffer bytes(0x1000, std::byte{0x11});
  const Buffer raw = without_header(elf_monitor());
  bytes.insert(bytes.end(), raw.begin(), raw.end());
  EXPECT_TRUE(test::inspect(bytes, "file").is_null());
}

TEST(Loaders, AnyOtherProgramIsNone) {
  Buffer bytes = elf_monitor();
  for (std::size_t at = 0x1100; at < 0x1200; ++at) bytes.at(at) = std::byte{0};
  EXPECT_TRUE(test::inspect(bytes, "program.elf").is_null());
}

TEST(Loaders, CutShortIsNoticedWhereAHeaderTellsTheSize) {
  for (const Buffer& whole : {elf_monitor(), mediatek_preloader(), mediatek_partition()}) {
    EXPECT_TRUE(test::finding(test::inspect(whole, "file"), "arm.loader.cut").is_null());
    const Buffer cut(whole.begin(), whole.end() - 0x40);
    EXPECT_FALSE(test::finding(test::inspect(cut, "file"), "arm.loader.cut").is_null());
  }
}

}  // namespace
}  // namespace quell
