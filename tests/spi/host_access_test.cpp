// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/host_access.h"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/flash_controller.h"
#include "quell/flash/descriptor.h"
#include "report/chip/advice.h"
#include "spi/harness.h"

namespace quell::spi {
namespace {

using Verdict = flash::RegionAccess::Verdict;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class HostAccessTest : public ::testing::Test {
 protected:
  void put(const std::string& path, std::string data) { entries_[path] = {host::Entry::Kind::file, std::move(data)}; }
  void registers(std::string text) { put(std::string(host::flash_controller_file), std::move(text)); }
  // One PCI function with four bytes of its configuration space at a place.
  void function(const std::string& address, const std::string& kind, std::uint64_t at, std::uint32_t word,
                std::uint8_t control) {
    const std::string folder = "/sys/bus/pci/devices/" + address + "/";
    std::string config(256, '\0');
    for (unsigned i = 0; i < 4; ++i) config[at + i] = static_cast<char>(word >> 8 * i & 0xFFU);
    config[0xDC] = static_cast<char>(control);
    put(folder + "class", kind);
    put(folder + "vendor", "0x8086\n");
    put(folder + "device", "0x1e55\n");
    put(folder + "config", config);
  }
  void memory(std::uint32_t address, std::uint32_t word) {
    std::string data;
    for (unsigned i = 0; i < 4; ++i) data.push_back(static_cast<char>(word >> 8 * i & 0xFFU));
    put(fmt::format("/quell/mem/{:08x}", address), data);
  }
  void kernel(const char* is_protected) {
    const std::string folder = "/sys/bus/pci/drivers/intel-spi/0000:00:1f.5/";
    put(folder + "intel_spi_protected", is_protected);
    put(folder + "intel_spi_locked", "1\n");
  }
  void host_rights(std::uint32_t word) {
    const auto descriptor = flash::parse_descriptor(ByteView(dump_));
    for (unsigned i = 0; i < 4; ++i) dump_[descriptor->master_section + i] = static_cast<std::byte>(word >> 8 * i);
  }
  [[nodiscard]] flash::HostAccess look() const { return host_access(*host::memory_root(entries_), ByteView(dump_)); }
  [[nodiscard]] flash::RegionAccess region(std::string_view name) const {
    const flash::HostAccess advice = look();
    const auto found = std::ranges::find(advice.regions, name, &flash::RegionAccess::region);
    return found == advice.regions.end() ? flash::RegionAccess{} : *found;
  }
  [[nodiscard]] Verdict verdict(std::string_view name) const { return region(name).verdict; }

  host::Entries entries_;
  Buffer dump_ = test::machine(1024 * 1024);
};

// The registers of a machine whose descriptor is open and whose BIOS is not locked: 1 MiB, ME from 0x1000.
constexpr const char* open_machine =
    "function 0000:00:1f.0\nbios_control 0x1\nhsfs 0x6000\nfrap 0xffff\nfreg0 0x0\nfreg1 0xff0080\nfreg2 0x7f0001\n";

TEST_F(HostAccessTest, NoRightInTheDescriptorMeansAClip) {
  host_rights(0x02030000);  // write: BIOS only; read: descriptor and BIOS
  EXPECT_EQ(verdict("me"), Verdict::external_only);
  EXPECT_EQ(verdict("fd"), Verdict::external_only);
  EXPECT_EQ(region("me").readable, false);
  EXPECT_EQ(region("fd").readable, true);
}

TEST_F(HostAccessTest, TheBiosLockSendsToTheVendorsTool) {
  host_rights(0xFFFF0000);
  kernel("0\n");
  for (const auto& [control, expected] : {std::pair(0x22, Verdict::vendor_tool), std::pair(0x02, Verdict::vendor_tool),
                                          std::pair(0x21, Verdict::vendor_tool), std::pair(0x01, Verdict::may_work),
                                          std::pair(0x00, Verdict::may_work)}) {
    function("0000:00:1f.5", "0x0c8000\n", 0x10, 0, static_cast<std::uint8_t>(control));
    EXPECT_EQ(verdict("bios"), expected) << control;
  }
}

TEST_F(HostAccessTest, LockedProtectedRangesMeanAClip) {
  host_rights(0xFFFF0000);
  kernel("1\n");
  EXPECT_EQ(verdict("me"), Verdict::external_only);
}

TEST_F(HostAccessTest, WhatCannotBeReadIsUnknownAndSaidSo) {
  host_rights(0xFFFF0000);
  EXPECT_EQ(verdict("me"), Verdict::unknown);
  const flash::HostAccess advice = host_access(*host::memory_root(entries_), ByteView());
  EXPECT_THAT(advice.missing, SizeIs(4));
  EXPECT_THAT(report::chip::advice_text(advice), HasSubstr("not known: protected ranges"));
}

// The effective rights are the controller's; the descriptor's own words may have been written since the start.
TEST_F(HostAccessTest, TheControllersRegistersStandAboveTheDescriptor) {
  host_rights(0xFFFF0000);
  registers("hsfs 0xe000\nfrap 0x20b\nfreg0 0x0\nfreg1 0xff0080\nfreg2 0x7f0001\n");
  EXPECT_EQ(verdict("me"), Verdict::external_only);
  EXPECT_EQ(region("me").readable, false);
  EXPECT_EQ(region("me").range, (Range{0x1000, 0x7F000}));
  EXPECT_THAT(look().not_readable(), SizeIs(1));
  registers("hsfs 0xc000\nfrap 0x20b\nfreg0 0x0\nfreg1 0xff0080\nfreg2 0x7f0001\nbios_control 0x1\n");
  EXPECT_EQ(verdict("me"), Verdict::may_work) << "the descriptor override strap is active";
  EXPECT_THAT(look().not_readable(), IsEmpty());
}

TEST_F(HostAccessTest, AProtectedRangeForbidsItsOwnBlocksOnly) {
  registers(std::string(open_machine) + "PR0 0x80ff00f0\n");
  EXPECT_EQ(verdict("bios"), Verdict::may_work);
  const flash::HostAccess open = look();
  EXPECT_EQ(open.obstacle({0xF0000, 0x1000}), nullptr) << "not locked: the programmer lifts it";
  registers(std::string(open_machine) + "hsfs 0xe000\nPR0 0x80ff00f0\n");
  const flash::HostAccess locked = look();
  EXPECT_EQ(locked.obstacle({0x80000, 0x70000}), nullptr);
  ASSERT_NE(locked.obstacle({0x80000, 0x71000}), nullptr);
  EXPECT_EQ(locked.obstacle({0x80000, 0x71000})->region, "PR0");
}

TEST_F(HostAccessTest, WhatLiesInNoRegionIsNotWritten) {
  registers("bios_control 0x1\nhsfs 0x6000\nfrap 0xffff\nfreg0 0x0\nfreg1 0xff00f0\n");
  const flash::HostAccess advice = look();
  ASSERT_NE(advice.obstacle({0x8000, 0x1000}), nullptr);
  EXPECT_EQ(advice.obstacle({0x8000, 0x1000})->region, "unassigned");
}

TEST_F(HostAccessTest, TheBatteryVirtualMachinesAndFwupdAreNamed) {
  EXPECT_THAT(risks_of_writing(*host::memory_root(entries_)), IsEmpty());
  put("/sys/class/power_supply/BAT0/type", "Battery\n");
  put("/sys/class/power_supply/AC/type", "Mains\n");
  put("/sys/class/power_supply/AC/online", "0\n");
  put("/proc/77/comm", "fwupd\n");
  put("/proc/78/comm", "qemu-system-x86\n");
  EXPECT_THAT(risks_of_writing(*host::memory_root(entries_)),
              testing::ElementsAre(HasSubstr("battery"), HasSubstr("fwupd"), HasSubstr("Virtual machines")));
  put("/sys/class/power_supply/AC/online", "1\n");
  EXPECT_THAT(risks_of_writing(*host::memory_root(entries_)), SizeIs(2));
}

// Before the 100 series SPIBAR lies in the root complex, after it in BAR 0 of a function of its own.
TEST_F(HostAccessTest, ReadsTheRegistersOfBothFamilies) {
  function("0000:00:1f.0", "0x060100\n", 0xF0, 0xFED1C001, 0x2A);
  memory(0xFED1F804, 0x0000E008);
  memory(0xFED1F850, 0x00000A0B);
  for (unsigned i = 0; i < 5; ++i) memory(0xFED1F854 + 4 * i, i == 2 ? 0x007F0001 : 0);
  for (unsigned i = 0; i < 5; ++i) memory(0xFED1F874 + 4 * i, i == 1 ? 0x80FF00F0 : 0);
  const auto older = host::read_flash_controller(*host::memory_root(entries_), true);
  EXPECT_EQ(older.bios_control, 0x2A);
  EXPECT_EQ(older.locked(), true);
  EXPECT_EQ(older.may_write(1), true);
  EXPECT_EQ(older.may_write(2), false);
  EXPECT_EQ(older.region(2), (Range{0x1000, 0x7F000}));
  ASSERT_THAT(older.guarded, SizeIs(1));
  EXPECT_EQ(older.guarded.front().name, "PR1");
  EXPECT_EQ(older.guarded.front().range, (Range{0xF0000, 0x10000}));
  EXPECT_THAT(older.missing, IsEmpty());

  function("0000:00:1f.5", "0x0c8000\n", 0x10, 0xFE010000, 0x08);
  memory(0xFE010004, 0x0000B8C0);
  memory(0xFE010050, 0x00004ACF);
  for (unsigned i = 0; i < 6; ++i) memory(0xFE010054 + 4 * i, i == 1 ? 0x0FFF0400 : 0);
  for (unsigned i = 0; i < 6; ++i) memory(0xFE010084 + 4 * i, i == 5 ? 0x80020000 : 0);
  const auto later = host::read_flash_controller(*host::memory_root(entries_), true);
  EXPECT_EQ(later.where, "0000:00:1f.5");
  EXPECT_EQ(later.region(1), (Range{0x400000, 0xC00000}));
  ASSERT_THAT(later.guarded, SizeIs(1));
  EXPECT_EQ(later.guarded.front().name, "GPR0");

  // A capture says the same.
  host::Entries captured;
  captured[std::string(host::flash_controller_file)] = {host::Entry::Kind::file, to_text(later)};
  const auto again = host::read_flash_controller(*host::memory_root(captured), true);
  EXPECT_EQ(to_text(again), to_text(later));
  EXPECT_EQ(again.locked(), later.locked());
}

// Firmware that uses no protected range leaves some with their write bit set and a base above the limit.
TEST_F(HostAccessTest, AProtectedRangeThatIsSwitchedOffGuardsNothing) {
  function("0000:00:1f.0", "0x060100\n", 0xF0, 0xFED1C001, 0x01);
  memory(0xFED1F804, 0x0000E008);
  memory(0xFED1F850, 0x0000FFFF);
  for (unsigned i = 0; i < 5; ++i) memory(0xFED1F854 + 4 * i, i == 1 ? 0x007F0000 : 0x00007FFF);
  for (unsigned i = 0; i < 5; ++i) memory(0xFED1F874 + 4 * i, i == 0 ? 0x80007FFF : i == 1 ? 0x800F0010 : 0);
  const auto controller = host::read_flash_controller(*host::memory_root(entries_), true);
  EXPECT_THAT(controller.guarded, IsEmpty());
  host::Entries captured;
  captured[std::string(host::flash_controller_file)] = {host::Entry::Kind::file, to_text(controller)};
  EXPECT_THAT(host::read_flash_controller(*host::memory_root(captured), true).guarded, IsEmpty());
  // What an older capture holds.
  registers(std::string(open_machine) + "hsfs 0xe000\nPR0 0x80007fff\nPR1 0x80ff00f0\n");
  const flash::HostAccess advice = look();
  EXPECT_THAT(advice.regions, testing::Contains(testing::Field(&flash::RegionAccess::region, "PR1")));
  EXPECT_THAT(advice.regions, testing::Not(testing::Contains(testing::Field(&flash::RegionAccess::region, "PR0"))));
}

TEST_F(HostAccessTest, AHiddenControllerIsNotTakenForAnOpenOne) {
  function("0000:00:1f.5", "0x0c8000\n", 0x10, 0xFFFFFFFF, 0xFF);
  memory(0xFFFFF004, 0xFFFFFFFF);
  const auto hidden = host::read_flash_controller(*host::memory_root(entries_), true);
  EXPECT_EQ(hidden.locked(), std::nullopt);
  EXPECT_EQ(hidden.may_write(2), std::nullopt);
  EXPECT_THAT(hidden.missing, SizeIs(1));
}

TEST_F(HostAccessTest, RubbishInACaptureSaysNothing) {
  registers("hsfs\nfrap 12\nfreg0 0xzz\nPR 0x\n\nhsfs 1 2 3\nbios_control banana\n");
  EXPECT_EQ(look().evidence.size(), 1U) << "the descriptor of the dump";
}

}  // namespace
}  // namespace quell::spi
