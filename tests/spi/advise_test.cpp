// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/advise.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "quell/flash/descriptor.h"
#include "report/chip/advice.h"
#include "spi/harness.h"

namespace quell::spi {
namespace {

using Verdict = RegionAdvice::Verdict;

class AdviseTest : public ::testing::Test {
 protected:
  // A 100 series machine with this BIOS control register.
  void control(unsigned value) {
    const auto folder = root_.path() / "sys/bus/pci/devices/0000:00:1f.5";
    std::filesystem::create_directories(folder);
    test::write_bytes(folder / "class", as_bytes("0x0c8000\n"));
    Buffer config(256, std::byte{0});
    config[0xDC] = static_cast<std::byte>(value);
    test::write_bytes(folder / "config", config);
  }
  void kernel(const char* is_protected) {
    const auto folder = root_.path() / "sys/bus/pci/drivers/intel-spi/0000:00:1f.5";
    std::filesystem::create_directories(folder);
    test::write_bytes(folder / "intel_spi_protected", as_bytes(is_protected));
    test::write_bytes(folder / "intel_spi_locked", as_bytes("1\n"));
  }
  void host_rights(std::uint32_t word) {
    const auto descriptor = flash::parse_descriptor(ByteView(dump_));
    for (unsigned i = 0; i < 4; ++i) dump_[descriptor->master_section + i] = static_cast<std::byte>(word >> 8 * i);
  }
  Verdict verdict(const char* region) {
    const Advice advice = advise(root_.path().string(), ByteView(dump_));
    const auto found = std::ranges::find(advice.regions, region, &RegionAdvice::region);
    return found == advice.regions.end() ? Verdict::unknown : found->verdict;
  }
  test::TemporaryFolder root_;
  Buffer dump_ = test::machine(1024 * 1024);
};

TEST_F(AdviseTest, NoRightInTheDescriptorMeansAClip) {
  host_rights(0x00200F00);  // write: BIOS only
  EXPECT_EQ(verdict("me"), Verdict::external_only);
  EXPECT_EQ(verdict("fd"), Verdict::external_only);
}

TEST_F(AdviseTest, TheBiosLockSendsToTheVendorsTool) {
  host_rights(0xFFFFFF00);
  kernel("0\n");
  control(0x22);
  EXPECT_EQ(verdict("bios"), Verdict::vendor_tool);
  control(0x02);
  EXPECT_EQ(verdict("bios"), Verdict::vendor_tool) << "lock enable, write enable off";
  control(0x01);
  EXPECT_EQ(verdict("bios"), Verdict::may_work);
}

TEST_F(AdviseTest, LockedProtectedRangesMeanAClip) {
  host_rights(0xFFFFFF00);
  kernel("1\n");
  EXPECT_EQ(verdict("me"), Verdict::external_only);
}

TEST_F(AdviseTest, WhatCannotBeReadIsUnknownAndSaidSo) {
  host_rights(0xFFFFFF00);
  EXPECT_EQ(verdict("me"), Verdict::unknown);
  const Advice advice = advise(root_.path().string(), ByteView());
  EXPECT_EQ(advice.missing.size(), 3U);
  EXPECT_NE(report::chip::advice_text(advice).find("not known: protected ranges"), std::string::npos);
}

}  // namespace
}  // namespace quell::spi
