// SPDX-License-Identifier: GPL-2.0-or-later
// Captured trees: folders, tars and lspci dumps, hostile ones too.
#include "quell/host/root.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/pci.h"
#include "host/provenance.h"
#include "host/tar.h"

namespace quell::host {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class Tree : public testing::Test {
 protected:
  Tree() {
    std::string name = (fs::temp_directory_path() / "quell-root-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(folder_ / "sys/class/mei/mei0");
    put("sys/class/mei/mei0/fw_ver", "0:9.1.45.3000\n");
  }
  ~Tree() override { fs::remove_all(folder_); }
  void put(const std::string& path, const std::string& text) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  std::unique_ptr<Root> open() { return open_root(folder_).value(); }

  fs::path folder_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_F(Tree, ReadsFilesDirectoriesAndLinks) {
  fs::create_directories(folder_ / "sys/devices/pci0000:00/0000:00:16.0");
  fs::create_symlink("../../../devices/pci0000:00/0000:00:16.0", folder_ / "sys/class/mei/mei0/device");
  put("sys/devices/pci0000:00/0000:00:16.0/vendor", "0x8086\n");
  const auto root = open();
  EXPECT_EQ(root->read("/sys/class/mei/mei0/fw_ver").text(), "0:9.1.45.3000");
  EXPECT_THAT(root->list("/sys/class/mei").names, ElementsAre("mei0"));
  EXPECT_EQ(root->link_name("/sys/class/mei/mei0/device"), "0000:00:16.0");
  EXPECT_EQ(root->read("/sys/class/mei/mei0/device/vendor").text(), "0x8086");
  EXPECT_EQ(root->read("/sys/class/mei/mei1/fw_ver").reach, Reach::absent);
  EXPECT_FALSE(root->live());
}

TEST_F(Tree, LinksNeverLeadOutOfIt) {
  const fs::path outside = folder_.string() + "-outside";
  std::ofstream(outside) << "secret";
  fs::create_symlink(outside, folder_ / "sys/class/mei/mei0/dev_state");
  fs::create_symlink(fs::path("../../../../../../../..") / outside.relative_path(),
                     folder_ / "sys/class/mei/mei0/kind");
  fs::create_symlink("loop", folder_ / "sys/class/mei/mei0/loop");
  fs::create_symlink("/sys/class/mei/mei0/fw_ver", folder_ / "sys/class/mei/mei0/hbm_ver");
  const auto root = open();
  EXPECT_EQ(root->read("/sys/class/mei/mei0/dev_state").reach, Reach::absent);
  EXPECT_EQ(root->read("/sys/class/mei/mei0/kind").reach, Reach::absent);
  EXPECT_NE(root->read("/sys/class/mei/mei0/loop").reach, Reach::ok);
  EXPECT_EQ(root->read("/sys/class/mei/mei0/hbm_ver").text(), "0:9.1.45.3000");  // absolute: from the tree's top
  EXPECT_EQ(root->read("/../../../../etc/hostname").reach, Reach::absent);
  fs::remove(outside);
}

TEST_F(Tree, PipesAndDirectoriesAreNotFiles) {
  ASSERT_EQ(::mkfifo((folder_ / "sys/class/mei/mei0/kind").c_str(), 0600), 0);
  const auto root = open();
  EXPECT_EQ(root->read("/sys/class/mei/mei0/kind").reach, Reach::absent);
  EXPECT_EQ(root->read("/sys/class/mei/mei0").reach, Reach::absent);
}

TEST_F(Tree, WhatTheCaptureCouldNotReadIsDeniedAgain) {
  put("quell/denied", "/sys/firmware/dmi/tables/DMI\tPermission denied\n");
  const Reading reading = open()->read("/sys/firmware/dmi/tables/DMI");
  EXPECT_EQ(reading.reach, Reach::denied);
  EXPECT_EQ(reading.reason, "Permission denied");
}

TEST_F(Tree, ReadsNoMoreThanAskedFor) {
  put("sys/class/mei/mei0/trc", std::string(100000, 'x'));
  EXPECT_EQ(open()->read("/sys/class/mei/mei0/trc", 10).data.size(), 10U);
}

TEST(Roots, ThatAreNoneAreRefusedWithAReason) {
  EXPECT_EQ(open_root("/nonexistent/tree").error().code, Errc::io);
  EXPECT_EQ(open_root(fs::temp_directory_path() / ".." / "usr" / "include").error().code, Errc::unrecognised);
}

TEST(Tar, RoundTripsWithLinksAndLongNames) {
  Entries entries;
  entries["/sys/class/mei/mei0/fw_ver"] = {Entry::Kind::file, "0:11.8.50.3425\n"};
  entries["/sys/class/mei/mei0/device"] = {Entry::Kind::link, "../../../0000:00:16.0"};
  entries["/proc"] = {Entry::Kind::directory, {}};
  entries["/quell/mei/mei0/8e6a6715-9abc-4043-88ef-9e39c6f63e0f/" + std::string(90, '0')] = {Entry::Kind::file, "x"};
  const auto archive = write_tar(entries);
  ASSERT_TRUE(archive.has_value());
  const auto back = read_tar(ByteView(*archive));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  ASSERT_EQ(back->size(), entries.size());
  for (const auto& [path, entry] : entries) {
    EXPECT_EQ(back->at(path).data, entry.data) << path;
    EXPECT_EQ(back->at(path).kind, entry.kind) << path;
  }
  EXPECT_EQ(memory_root(*back)->link_name("/sys/class/mei/mei0/device"), "0000:00:16.0");
  EXPECT_FALSE(write_tar({{"/" + std::string(300, 'x'), {}}}).has_value());
}

TEST(Tar, DamageIsNamed) {
  const Entries entries = {{"/proc/cpuinfo", {Entry::Kind::file, std::string(2000, 'c')}}};
  const Buffer good = write_tar(entries).value();
  for (const std::size_t size : {std::size_t{0}, std::size_t{511}, std::size_t{512}, std::size_t{1500}})
    EXPECT_FALSE(read_tar(ByteView(Bytes(good).first(size))).has_value()) << size;
  Buffer flipped = good;
  flipped[3] ^= std::byte{1};
  EXPECT_THAT(read_tar(ByteView(flipped)).error().message, testing::HasSubstr("checksum"));
}

TEST(Tar, TheChecksumCoversTheWholeHeader) {
  const Buffer good = write_tar({{"/proc/cpuinfo", {Entry::Kind::file, "c"}}}).value();
  ASSERT_TRUE(read_tar(ByteView(good)));
  constexpr std::size_t checksum_end = 155;  // its last byte is a blank that nobody reads
  for (std::size_t at = 0; at < 512; ++at) {
    if (at == checksum_end) continue;
    Buffer flipped = good;
    flipped[at] ^= std::byte{1};
    EXPECT_FALSE(read_tar(ByteView(flipped))) << at;
  }
}

TEST(Recording, KeepsWhatWasReadListedAndRefused) {
  Entries entries;
  entries["/sys/class/mei/mei0/fw_ver"] = {Entry::Kind::file, "0:9.1.45.3000\n"};
  entries["/quell/denied"] = {Entry::Kind::file, "/dev/secret\tPermission denied\n"};
  const auto source = memory_root(entries);
  const RecordingRoot recorder(*source);
  for (const std::string& name : recorder.list("/sys/class/mei").names)
    static_cast<void>(recorder.Root::read("/sys/class/mei/" + name + "/fw_ver"));
  EXPECT_EQ(recorder.Root::read("/dev/secret").reach, Reach::denied);
  const auto again = memory_root(recorder.entries());
  EXPECT_EQ(again->read("/sys/class/mei/mei0/fw_ver").text(), "0:9.1.45.3000");
  EXPECT_THAT(again->list("/sys/class/mei").names, ElementsAre("mei0"));
  EXPECT_EQ(again->read("/dev/secret").reach, Reach::denied);
}

TEST(LspciDump, GivesTheFunctionsAndTheirRegisters) {
  const std::string text =
      "00:00.0 Host bridge: Intel Corporation Device 7d14\n00: 86 80 14 7d 06 00 90 20 04 00 00 06 00 00 00 00\n\n"
      "00:16.0 Communication controller: Intel Corporation Meteor Lake-P CSME HECI #1 (rev 20)\n"
      "\tSubsystem: Lenovo Device 231f\n"
      "00: 86 80 70 7e 06 04 10 00 20 00 80 07 00 00 80 00\n10: 04 d0 71 5a 40 00 00 00 00 00 00 00 00 00 00 00\n"
      "20: 00 00 00 00 00 00 00 00 00 00 00 00 aa 17 1f 23\n30: 00 00 00 00 50 00 00 00 00 00 00 00 ff 01 00 00\n"
      "40: 45 02 00 a0 00 00 00 80 00 05 f1 00 00 00 00 00\n";
  const auto entries = read_lspci_dump(ByteView(as_bytes(text)));
  ASSERT_TRUE(entries.has_value());
  const auto root = memory_root(*entries);
  const auto functions = pci_functions(*root);
  ASSERT_EQ(functions.size(), 2U);
  EXPECT_EQ(functions[1].id(), "8086:7e70");
  EXPECT_EQ(functions[1].address, "0000:00:16.0");
  EXPECT_EQ(functions[1].class_code, 0x078000U);
  EXPECT_EQ(pci_config(*root, functions[0]).reach, Reach::denied);
  EXPECT_EQ(ByteView(pci_config(*root, functions[1]).bytes()).u32(0x40), 0xA0000245U);
}

TEST(LspciDump, WithoutRegistersSaysHowToMakeOne) {
  const std::string text = "00:16.0 Communication controller: Intel Corporation\n";
  EXPECT_THAT(read_lspci_dump(ByteView(as_bytes(text))).error().message, testing::HasSubstr("lspci -xxxx"));
}

TEST(LspciDump, NumbersAloneNameTheFunctions) {
  for (const std::string_view text :
       {"00:16.0 Communication controller [0780]: Intel Corporation Something (rev 04) [8086:8cba]\n"
        "\tSubsystem: Somebody [1043:8534]\n\tKernel driver in use: mei_me\n",
        "00:16.0 0780: 8086:8cba (rev 04)\n\tKernel driver in use: mei_me\n"}) {
    const auto entries = read_lspci_dump(ByteView(as_bytes(text)));
    ASSERT_TRUE(entries.has_value()) << text;
    const auto functions = pci_functions(*memory_root(*entries));
    ASSERT_EQ(functions.size(), 1U);
    EXPECT_EQ(functions[0].id(), "8086:8cba");
    EXPECT_EQ(functions[0].class_code, 0x078000U);
    EXPECT_EQ(functions[0].driver, "mei_me");
  }
}

// What is absent is a fact only where everything was looked for.
TEST(Provenance, OnlyAMachineOrItsCaptureTellsAbsence) {
  const auto with = [](const char* line) {
    return memory_root({{"/quell/captured", {Entry::Kind::file, line}}, {"/proc/cpuinfo", {Entry::Kind::file, "x"}}});
  };
  EXPECT_TRUE(tells_absence(*live_root()));
  EXPECT_TRUE(tells_absence(*with("program=quell 0.1.0\ntime=2026-01-01T00:00:00Z\n")));
  EXPECT_FALSE(tells_absence(*with("program=quell 0.1.0\nsource=tree\n")));
  EXPECT_FALSE(tells_absence(*with("source=lspci dump\n")));
  EXPECT_FALSE(tells_absence(*memory_root({{"/proc/cpuinfo", {Entry::Kind::file, "x"}}})));
}

TEST(OpenRoot, FindsATreeBelowOneFolderAndRefusesWhatHoldsNone) {
  const auto opened = [](Entries entries) {
    const auto path = std::filesystem::temp_directory_path() / "quell-root-test.tar";
    const Buffer archive = write_tar(entries).value();
    std::ofstream(path, std::ios::binary)
        << std::string(static_cast<const char*>(static_cast<const void*>(archive.data())), archive.size());
    auto root = open_root(path);
    std::filesystem::remove(path);
    return root;
  };
  const auto below = opened({{"/machine/proc/cpuinfo", {Entry::Kind::file, "vendor_id : GenuineIntel"}}});
  ASSERT_TRUE(below.has_value());
  EXPECT_TRUE((*below)->exists("/proc/cpuinfo"));
  EXPECT_FALSE(
      opened({{"/a/proc/cpuinfo", {Entry::Kind::file, "x"}}, {"/b/readme", {Entry::Kind::file, "x"}}}).has_value());
  EXPECT_FALSE(opened({{"/home/readme", {Entry::Kind::file, "x"}}}).has_value());
}

}  // namespace
}  // namespace quell::host
