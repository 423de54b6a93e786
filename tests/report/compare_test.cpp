// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/survey/compare.h"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quell/flash/descriptor.h"
#include "report/diff.h"
#include "specimen/intel.h"
#include "specimen/specimen.h"
#include "specimen/uefi.h"

namespace quell {
namespace {

using specimen::Canvas;
using testing::HasSubstr;

constexpr std::uint64_t size = 0x40000;

// A v1 descriptor: ME at 0x1000-0x1ffff, BIOS behind it.
Canvas descriptor_canvas() {
  Canvas canvas(size, std::byte{0x33});
  canvas.put(0x10, from_hex("5aa5f00f"))
      .u32(0x14, 0x00040003)
      .u32(0x18, 0x0C100206)
      .u32(0x1C, 0x00000120)
      .u32(0x40, 0)
      .u32(0x44, 0x003F0020)
      .u32(0x48, 0x001F0001);
  for (std::uint64_t slot = 3; slot < 8; ++slot) canvas.u32(0x40 + 4 * slot, 0x1FFF);
  canvas.u32(0x60, 0x0A0B0000).u32(0x64, 0x0C0D0000).u32(0x128, 0);
  return canvas;
}

Report sample() {
  Report report{.file = "image", .size = size};
  report.what.body = {0, size};
  report.layout = {"layout", "descriptor", {0, size}};
  report.layout.children = {
      {"region", "fd", {0, 0x1000}}, {"region", "me", {0x1000, 0x1F000}}, {"region", "bios", {0x20000, 0x20000}}};
  EngineReport engine{.engine = "intel-me", .title = "Intel ME"};
  engine.tree = {"me-region", "ME region", {0x1000, 0x1F000}};
  Component code{"partition", "FTPR", {0x2000, 0x8000}};
  code.children = {{"module", "bup", {0x3000, 0x1000}}, {"module", "pm", {0x4000, 0x1000}}};
  engine.tree.children = {code, {"partition", "NFTP", {0x10000, 0x4000}}};
  engine.tree.children[1].children = {{"module", "wlan", {0x11000, 0x1000}}};
  report.engines.push_back(engine);
  return report;
}

const PartDifference* part(const Comparison& comparison, std::string_view path) {
  const auto found = std::ranges::find(comparison.parts, path, &PartDifference::path);
  return found == comparison.parts.end() ? nullptr : &*found;
}

TEST(Compare, SaysThatEqualImagesAreTheSame) {
  const Buffer a = descriptor_canvas().take();
  const auto comparison = compare(sample(), ByteView(a), sample(), ByteView(a));
  EXPECT_TRUE(comparison.same);
  EXPECT_TRUE(comparison.parts.empty());
}

TEST(Compare, GivesEveryByteToTheSmallestPart) {
  const Buffer a = descriptor_canvas().take();
  Buffer b = a;
  b[0x3010] = b[0x3011] = std::byte{0};  // FTPR / bup
  b[0x2FFF] = std::byte{0};              // FTPR
  b[0x1F000] = std::byte{0xFF};          // me
  b[0x30000] = std::byte{0};             // bios
  const auto comparison = compare(sample(), ByteView(a), sample(), ByteView(b));
  EXPECT_FALSE(comparison.same);
  EXPECT_EQ(comparison.bytes, 5U);
  for (const auto& [path, bytes] : std::vector<std::pair<std::string, std::uint64_t>>{
           {"me / FTPR / bup", 2}, {"me / FTPR", 1}, {"me", 1}, {"bios", 1}}) {
    ASSERT_NE(part(comparison, path), nullptr) << path;
    EXPECT_EQ(part(comparison, path)->bytes, bytes) << path;
  }
}

TEST(Compare, TellsAnErasedPartitionAsOnePart) {
  const Buffer a = descriptor_canvas().take();
  Buffer b = a;
  std::fill(b.begin() + 0x10000, b.begin() + 0x14000, std::byte{0xFF});
  const auto comparison = compare(sample(), ByteView(a), sample(), ByteView(b));
  ASSERT_EQ(comparison.parts.size(), 1U);
  EXPECT_EQ(comparison.parts[0].path, "me / NFTP");
  EXPECT_EQ(summary(comparison.parts[0]), "erased (0xFF)");
}

TEST(Compare, TellsWhatMovedWentAndCame) {
  const Buffer a = descriptor_canvas().take();
  Buffer b = a;
  b[0x2000] = std::byte{0};
  Report after = sample();
  auto& partitions = after.engines[0].tree.children;
  partitions.erase(partitions.begin() + 1);
  partitions.push_back({"partition", "MFS", {0x10000, 0x1000}});
  partitions[0].range.offset = 0x1400;
  partitions[0].children[0].range.offset = 0x2400;  // moves along
  partitions[0].children[1].range.offset = 0x5000;  // moves by itself
  const auto comparison = compare(sample(), ByteView(a), after, ByteView(b));
  std::vector<std::string> lines;
  for (const auto& difference : comparison.structure) {
    lines.push_back(difference.path + " " + std::string(to_string(difference.kind)));
  }
  EXPECT_THAT(lines,
              testing::ElementsAre("me / FTPR moved", "me / FTPR / pm moved", "me / NFTP removed", "me / MFS added"));
}

// What a part leaves and what it overwrites is told by its move, not again by address.
TEST(Compare, AMovedPartIsComparedWithItself) {
  Canvas old = descriptor_canvas();
  for (std::uint64_t i = 0; i < 0x1000; ++i) old.u8(0x11000 + i, static_cast<std::uint8_t>(i * 7));
  old.put(0x13000, Buffer(0x1000, std::byte{0x33}));
  const Buffer a = Canvas(old).take();
  Buffer b = a;
  std::copy_n(a.begin() + 0x11000, 0x1000, b.begin() + 0x13000);
  std::fill_n(b.begin() + 0x11000, 0x1000, std::byte{0x33});
  Report after = sample();
  after.engines[0].tree.children[1].children[0].range.offset = 0x13000;
  const auto same = compare(sample(), ByteView(a), after, ByteView(b));
  EXPECT_TRUE(same.parts.empty());
  ASSERT_EQ(same.structure.size(), 1U);
  EXPECT_EQ(same.structure[0].kind, StructureDifference::Kind::moved);
  EXPECT_EQ(same.structure[0].same_content, true);
  b[0x13007] ^= std::byte{1};
  const auto changed = compare(sample(), ByteView(a), after, ByteView(b));
  EXPECT_EQ(changed.structure[0].same_content, false);
  ASSERT_NE(part(changed, "me / NFTP / wlan"), nullptr);
  EXPECT_EQ(part(changed, "me / NFTP / wlan")->bytes, 1U);
  ASSERT_EQ(changed.parts.size(), 1U);
}

// Of parts with one name the equal ones are paired, whatever their order; a part that came to another parent has moved.
TEST(Compare, PairsEqualContentBeforePlaceAndOrder) {
  Canvas canvas = descriptor_canvas();
  for (std::uint64_t i = 0; i < 0x1000; ++i)
    canvas.u8(0x3000 + i, static_cast<std::uint8_t>(i * 5)).u8(0x4000 + i, static_cast<std::uint8_t>(i * 3));
  const Buffer a = Canvas(canvas).take();
  Report before = sample();
  before.engines[0].tree.children[0].children = {{"module", "twin", {0x3000, 0x1000}},
                                                 {"module", "twin", {0x4000, 0x1000}}};
  Report after = before;
  Buffer b = a;
  std::swap_ranges(b.begin() + 0x3000, b.begin() + 0x4000, b.begin() + 0x4000);
  const auto swapped = compare(before, ByteView(a), after, ByteView(b));
  EXPECT_TRUE(swapped.parts.empty());
  EXPECT_EQ(swapped.structure.size(), 2U);
  auto& partitions = after.engines[0].tree.children;
  partitions[1].children.push_back(partitions[0].children[1]);
  partitions[0].children.pop_back();
  partitions[1].children.back().name = "renamed";
  partitions[1].range = {0x4000, 0x10000};
  b = a;
  b[0x2000] ^= std::byte{1};
  const auto elsewhere = compare(before, ByteView(a), after, ByteView(b));
  const auto found = std::ranges::find(elsewhere.structure, "me / FTPR / twin", &StructureDifference::path);
  ASSERT_NE(found, elsewhere.structure.end());
  EXPECT_EQ(found->path_after, "me / NFTP / renamed");
}

// A part that came says so once; what it was made of, and where the old image has it, is told by content.
TEST(Compare, WhatAnAddedPartOverwritesIsNotToldByAddress) {
  Canvas canvas = descriptor_canvas();
  for (std::uint64_t i = 0; i < 0x1000; ++i) canvas.u8(0x11000 + i, static_cast<std::uint8_t>(i * 7));
  const Buffer a = Canvas(canvas).take();
  Buffer b = a;
  std::copy_n(a.begin() + 0x11000, 0x1000, b.begin() + 0x19000);
  std::fill_n(b.begin() + 0x11000, 0x1000, std::byte{0x33});
  Report after = sample();
  auto& partitions = after.engines[0].tree.children;
  partitions.pop_back();
  partitions.push_back({"partition", "NEW", {0x18800, 0x3000}});
  partitions.back().children = {{"module", "wlan", {0x19000, 0x1000}}};
  const auto comparison = compare(sample(), ByteView(a), after, ByteView(b));
  std::vector<std::string> lines;
  for (const auto& difference : comparison.structure) {
    lines.push_back(difference.path + " " + std::string(to_string(difference.kind)) + " " + difference.path_after);
  }
  EXPECT_THAT(lines, testing::UnorderedElementsAre("me / NFTP removed ", "me / NEW added ",
                                                   "me / NFTP / wlan moved me / NEW / wlan"));
  EXPECT_TRUE(comparison.parts.empty());
}

TEST(Compare, NamesDescriptorWordsAndTheirBits) {
  struct Case {
    std::uint64_t offset;
    std::uint32_t word;
    const char* name;
    const char* meaning;
  };
  const std::vector<Case> cases{
      {0x128, 0x80, "PCHSTRP10", "bit 7 set"},
      {0x48, 0x1FFF, "FLREG2", "Intel ME: 0x1000-0x1ffff becomes not in use"},
      {0x60, 0xFFFF0000, "FLMSTR1", "the host may now read"},
      {0x64, 0x04040000, "FLMSTR2", "may no longer read fd"},
      {0x30, 0x12345678, "FLCOMP", "bit 0 cleared"},
      {0xF00, 0, "OEM area", "bit 0 cleared"},
  };
  const Buffer a = descriptor_canvas().take();
  for (const Case& c : cases) {
    Canvas changed = descriptor_canvas();
    const Buffer b = changed.u32(c.offset, c.word).bytes();
    const auto words = compare(sample(), ByteView(a), sample(), ByteView(b)).words;
    ASSERT_EQ(words.size(), 1U) << c.name;
    EXPECT_EQ(words[0].name, c.name);
    EXPECT_EQ(words[0].after, c.word);
    EXPECT_THAT(words[0].meaning, HasSubstr(c.meaning));
  }
}

// Bit 16 of PCHSTRP0 is HAP on the 100 series and nothing of the kind later.
TEST(Compare, CallsABitByItsNameOnlyWhereItHasThatName) {
  for (const auto& [flavour, is_hap] :
       {std::pair{specimen::IntelFlavour::me11, true}, std::pair{specimen::IntelFlavour::me14, false},
        std::pair{specimen::IntelFlavour::me16, false}}) {
    const Buffer a = specimen::intel_small_dump(flavour);
    Image image("a", ByteView(a));
    const auto report = examine(image, Depth::structure);
    ASSERT_TRUE(report.has_value());
    const auto descriptor = flash::parse_descriptor(ByteView(a));
    ASSERT_TRUE(descriptor.has_value());
    Buffer b = a;
    b[descriptor->strap_section + 2] ^= std::byte{1};
    const auto words = compare(*report, ByteView(a), *report, ByteView(b)).words;
    ASSERT_EQ(words.size(), 1U);
    EXPECT_EQ(words[0].name, "PCHSTRP0");
    EXPECT_EQ(words[0].meaning.find("HAP") != std::string::npos, is_hap) << words[0].meaning;
  }
}

TEST(Compare, HandlesFilesOfDifferentSizes) {
  const Buffer a = descriptor_canvas().take();
  const Buffer b(a.begin(), a.begin() + 0x18000);
  const auto comparison = compare(sample(), ByteView(a), sample(), ByteView(b));
  EXPECT_FALSE(comparison.same);
  EXPECT_EQ(comparison.bytes, 0U);
  EXPECT_THAT(report::diff_text(sample(), sample(), comparison, {}), HasSubstr("cut off by 160 KiB"));
  EXPECT_FALSE(compare(sample(), ByteView(b), sample(), ByteView(a)).same);
}

TEST(Compare, StaysLinearOnOverlappingParts) {
  Report report = sample();
  for (int i = 0; i < 20000; ++i) {
    report.engines[0].tree.children.push_back({"partition", "P" + std::to_string(i), {0x1000, 0x1F000}});
  }
  const Buffer a = descriptor_canvas().take();
  Buffer b = a;
  std::fill(b.begin() + 0x1000, b.end(), std::byte{0xFF});
  const auto comparison = compare(report, ByteView(a), report, ByteView(b));
  EXPECT_EQ(comparison.bytes, size - 0x1000);
}

TEST(ForEachDifference, FindsRunsAcrossBlocks) {
  Buffer a(3 * 4096, std::byte{0});
  Buffer b = a;
  for (std::size_t i = 4090; i < 4100; ++i) b[i] = std::byte{1};
  b[0] = b[b.size() - 1] = std::byte{1};
  std::vector<Range> runs;
  for_each_difference(ByteView(a), ByteView(b), [&](Range run) { runs.push_back(run); });
  EXPECT_THAT(runs, testing::ElementsAre(Range{0, 1}, Range{4090, 10}, Range{3 * 4096 - 1, 1}));
}

TEST(Summary, SaysWhatHappenedInWords) {
  PartDifference one{.bytes = 1, .runs = 1};
  EXPECT_EQ(summary(one), "1 byte differs");
  PartDifference some{.bytes = 10, .runs = 3};
  EXPECT_EQ(summary(some), "10 bytes differ in 3 places");
  some.to_erased = 10;
  EXPECT_EQ(summary(some), "10 bytes erased (0xFF) in 3 places");
  PartDifference written{.bytes = 10, .runs = 1, .from_erased = 10};
  EXPECT_EQ(summary(written), "10 bytes written where the flash was erased");
}

constexpr std::string_view vendor = "11111111-2222-3333-4444-555555555555";
constexpr std::string_view module_guid = "AAAAAAAA-2222-3333-4444-555555555555";

Buffer bytes_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// A store with these variables and a packed module with this code.
Buffer firmware(const std::vector<specimen::UefiVariable>& variables, std::string_view code) {
  Buffer out = specimen::uefi_store_volume(specimen::uefi_vss2_store(variables, 0x4000), 0x10000);
  const Buffer module =
      specimen::uefi_row({specimen::uefi_section(0x10, bytes_of(code)), specimen::uefi_name_section("Loader")});
  const Buffer volume = specimen::uefi_volume(
      {specimen::uefi_file(module_guid, 0x07, specimen::uefi_packed_section(specimen::UefiPacking::lzma, module))},
      0x10000);
  out.insert(out.end(), volume.begin(), volume.end());
  return out;
}

Comparison compare_files(const Buffer& a, const Buffer& b) {
  Image before("a", ByteView(a));
  Image after("b", ByteView(b));
  const auto old = examine(before, Depth::structure);
  const auto now = examine(after, Depth::structure);
  EXPECT_TRUE(old.has_value() && now.has_value());
  return compare(*old, ByteView(a), *now, ByteView(b));
}

TEST(CompareFirmware, NamesVariablesAndPackedModules) {
  const std::string owner(vendor);
  const Buffer a = firmware({{"Gone", owner, bytes_of("a value of some length"), false},
                             {"Kept", owner, bytes_of("another value, the same"), false},
                             {"HDDPWD", owner, bytes_of("old"), false}},
                            "the code of a loader");
  const Buffer b = firmware({{"Kept", owner, bytes_of("another value, the same"), false},
                             {"HDDPWD", owner, bytes_of("new"), false},
                             {"New", owner, bytes_of("a value of another kind"), false}},
                            "the code of the loader");
  const auto differences = compare_files(a, b).firmware;
  std::vector<std::string> told;
  for (const FirmwareDifference& one : differences)
    told.push_back(fmt::format("{} {} {}", to_string(one.kind), to_string(one.part), one.name));
  EXPECT_THAT(told, testing::UnorderedElementsAre("removed variable Gone", "changed variable HDDPWD",
                                                  "added variable New", "changed module Loader"));
  EXPECT_EQ(differences.back().owner, module_guid);
}

TEST(CompareFirmware, CallsNoModuleRemovedThatADamagedStreamHides) {
  const Buffer whole = firmware({}, "the code of a loader");
  Buffer damaged = whole;
  const auto stream = ByteView(damaged).find(from_hex("98584eee143959429d6edc7bd79403cf"));
  ASSERT_TRUE(stream.has_value());
  std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(*stream + 0x30), 0x20, std::byte{0});
  const Comparison comparison = compare_files(whole, damaged);
  EXPECT_FALSE(comparison.parts.empty());
  EXPECT_TRUE(comparison.firmware.empty());
}

TEST(CompareFirmware, TellsOfNoVariableThatOnlyMoved) {
  const std::string owner(vendor);
  const specimen::UefiVariable one{"One", owner, bytes_of("the first value of two"), false};
  const specimen::UefiVariable two{"Two", owner, bytes_of("the second value of two"), false};
  EXPECT_TRUE(compare_files(firmware({one, two}, "code"), firmware({two, one}, "code")).firmware.empty());
}

}  // namespace
}  // namespace quell
