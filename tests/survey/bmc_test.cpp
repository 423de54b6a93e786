// SPDX-License-Identifier: GPL-2.0-or-later
// Flash images of management controllers: OpenBMC's fixed layouts.
#include <algorithm>

#include <gtest/gtest.h>

#include "quell/survey/report.h"

namespace quell {
namespace {

void put(Buffer& image, std::uint64_t at, std::string_view bytes) {
  std::ranges::transform(bytes, image.begin() + static_cast<std::ptrdiff_t>(at),
                         [](char c) { return static_cast<std::byte>(c); });
}

// Kernel and root file system where the layout of that size has them.
Buffer openbmc_image(std::size_t mebibytes = 32) {
  Buffer image(mebibytes << 20U, std::byte{0xFF});
  put(image, mebibytes == 32 ? 0x80000 : 0x100000, std::string_view("\xD0\x0D\xFE\xED", 4));
  put(image, mebibytes == 32 ? 0x4C0000 : 0xA00000, "hsqs");
  return image;
}

TEST(Bmc, FindsThePartsOfAnOpenBmcImage) {
  const Buffer bytes = openbmc_image();
  Image image("bmc.bin", ByteView(bytes));
  const auto report = examine(image, Depth::structure);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->what.kind, "bmc.openbmc");
  ASSERT_EQ(report->engines.size(), 1U);
  const EngineReport& engine = report->engines.front();
  EXPECT_EQ(engine.engine, "bmc");
  ASSERT_EQ(engine.tree.children.size(), 5U);
  EXPECT_EQ(engine.tree.children.at(4).name, "rwfs");
  EXPECT_EQ(engine.tree.children.at(4).range.end(), bytes.size());
  EXPECT_EQ(engine.answers.at(2).holds, Holds::yes);
}

TEST(Bmc, KnowsTheLayoutOfEverySize) {
  for (const std::size_t mebibytes : {32U, 64U, 128U}) {
    const Buffer bytes = openbmc_image(mebibytes);
    Image image("bmc.bin", ByteView(bytes));
    const auto report = examine(image, Depth::structure);
    ASSERT_TRUE(report.has_value()) << mebibytes;
    EXPECT_EQ(report->what.kind, "bmc.openbmc") << mebibytes;
    EXPECT_EQ(report->engines.at(0).tree.children.back().range.end(), bytes.size()) << mebibytes;
  }
}

TEST(Bmc, TakesAnotherSizeOrAnotherPlaceForNoLayout) {
  Buffer moved = openbmc_image();
  put(moved, 0x4C0000, "xxxx");
  Buffer longer = openbmc_image();
  longer.push_back(std::byte{0});
  for (const Buffer& bytes : {moved, longer}) {
    Image image("bmc.bin", ByteView(bytes));
    const auto report = examine(image, Depth::structure);
    EXPECT_FALSE(report && report->what.kind == "bmc.openbmc");
  }
}

}  // namespace
}  // namespace quell
