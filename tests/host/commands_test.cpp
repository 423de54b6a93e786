// SPDX-License-Identifier: GPL-2.0-or-later
// watch, hide, capture, intelmetool and status --lspci as a user runs them.
#include <filesystem>
#include <fstream>

#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "compat/intelmetool_report.h"
#include "support/machine_tree.h"
#include "support/program.h"

namespace quell::host {

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const fs::path trees = fs::path(QUELL_SOURCE) / "tests/host/trees";

test::Outcome quell(const std::vector<std::string>& arguments) { return test::run_program(QUELL_PROGRAM, arguments); }

class Folder : public testing::Test {
 protected:
  Folder() {
    std::string name = (fs::temp_directory_path() / "quell-commands-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() override { fs::remove_all(path_); }
  [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }

  fs::path path_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

using Hide = Folder;

TEST_F(Hide, ShowsWritesAndRemovesItsRules) {
  const std::string root = path_.string();
  const test::Outcome before = quell({"hide", "--root", root});
  EXPECT_EQ(before.status, 0);
  EXPECT_THAT(before.out, HasSubstr("not there"));
  EXPECT_THAT(before.out, HasSubstr("The engine itself runs on"));
  EXPECT_EQ(quell({"hide", "--write", "--root", root}).status, 0);
  EXPECT_THAT(test::file_text(file("etc/modprobe.d/quell-hide-engine.conf")), HasSubstr("blacklist mei_me\n"));
  EXPECT_THAT(test::file_text(file("etc/udev/rules.d/60-quell-hide-engine.rules")), HasSubstr("SUBSYSTEM==\"mei\""));
  EXPECT_THAT(quell({"hide", "--root", root}).out, HasSubstr("in place"));
  EXPECT_EQ(quell({"hide", "--remove", "--root", root}).status, 0);
  EXPECT_FALSE(fs::exists(file("etc/modprobe.d/quell-hide-engine.conf")));
  EXPECT_EQ(quell({"hide", "--write", "--remove", "--root", root}).status, 2);
}

TEST_F(Hide, LeavesFilesOfOthersAlone) {
  fs::create_directories(path_ / "etc/modprobe.d");
  std::ofstream(file("etc/modprobe.d/quell-hide-engine.conf")) << "options mine\n";
  for (const char* verb : {"--write", "--remove"}) {
    const test::Outcome outcome = quell({"hide", verb, "--root", path_.string()});
    EXPECT_EQ(outcome.status, 4);
    EXPECT_THAT(outcome.error, HasSubstr("was not written by"));
  }
  EXPECT_EQ(test::file_text(file("etc/modprobe.d/quell-hide-engine.conf")), "options mine\n");
  EXPECT_FALSE(fs::exists(path_ / "etc/udev"));
}

using Watch = Folder;

// Engine from a captured tree, clocks of this machine: only verdicts that need no time are tried here.
TEST_F(Watch, TellsAtOnceWhatIsWrong) {
  const test::MachineTree armed(trees / "me08-medion-watchdog.tree");
  const test::Outcome outcome = quell({"watch", "--state", path_.string(), "--root", armed.path().string()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("watchdog is armed"));
  EXPECT_THAT(test::file_text(file("watch.ndjson")), HasSubstr("\"cause\":\"fail\""));
  const test::MachineTree running(trees / "me11-t460p-stock.tree");
  EXPECT_THAT(quell({"watch", "--state", path_.string(), "--root", running.path().string()}).out,
              HasSubstr("did not reach the chip"));
}

TEST_F(Watch, RemembersAPowerLossAtTheWatchdogsTime) {
  std::ofstream(file("watch.ndjson"))
      << R"({"schema":"quell-watch/1","kind":"start","boot_id":"another","boottime":60.0,"monotonic":60.0})"
      << "\n"
      << R"({"schema":"quell-watch/1","kind":"beat","boot_id":"another","boottime":1780.0,"monotonic":1780.0})"
      << "\n"
      << R"({"schema":"quell-wat)";
  const test::Outcome outcome = quell({"watch", "--state", path_.string()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("29:40"));
}

TEST_F(Watch, AFolderThatCannotBeMadeIsAnError) {
  std::ofstream(file("taken")) << "x";
  const test::Outcome outcome = quell({"watch", "--state", file("taken") + "/below"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.error, HasSubstr("--state"));
  EXPECT_EQ(quell({"watch", "--minutes", "5"}).status, 2);
}

using Capture = Folder;

TEST_F(Capture, OfThisMachineIsReadableAndWholeOrNotThere) {
  const test::Outcome outcome = quell({"capture", file("machine.tar")});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_EQ(quell({"status", "-q", "--root", file("machine.tar")}).error, "");
  EXPECT_EQ(quell({"capture", file("no/such/folder.tar")}).status, 5);
  std::string text = test::file_text(file("machine.tar"));
  std::ofstream(file("cut.tar"), std::ios::binary) << text.substr(0, text.size() / 2);
  EXPECT_EQ(quell({"status", "--root", file("cut.tar")}).status, 3);
  text[20] ^= 1;
  std::ofstream(file("flipped.tar"), std::ios::binary) << text;
  EXPECT_EQ(quell({"status", "--root", file("flipped.tar")}).status, 3);
  EXPECT_EQ(quell({"capture", "/dev/full"}).status, 5);
}

// Which disks there are is nobody's business; that the TPM unlocks one is the question.
TEST_F(Capture, KeepsOfCrypttabWhetherTheTpmUnlocksADisk) {
  const test::MachineTree machine(trees / "amd-zen2-silent.tree");
  fs::create_directories(machine.path() / "etc");
  std::ofstream(machine.path() / "etc/crypttab")
      << "# tpm2-device=no\nsecret UUID=0123-4567 /root/key tpm2-device=auto\nother /dev/sda3 none\n";
  ASSERT_EQ(quell({"capture", "--deep", "--root", machine.path().string(), file("machine.tar")}).status, 0);
  const std::string text = test::file_text(file("machine.tar"));
  for (const char* identifier : {"0123-4567", "secret", "/root/key", "sda3"})
    EXPECT_THAT(text, Not(HasSubstr(identifier)));
  for (const std::string& root : {machine.path().string(), file("machine.tar")})
    EXPECT_THAT(quell({"status", "--deep", "-v", "--root", root}).out, testing::ContainsRegex("TPM unlocks +1"));
}

std::string bytes_of(std::initializer_list<int> bytes) {
  std::string out;
  for (const int byte : bytes) out += static_cast<char>(byte);
  return out;
}

TEST_F(Capture, AsksAManagementControllerForItsAddressesAndKeepsThemOut) {
  const test::MachineTree machine(trees / "bmc-aspeed-server.tree");
  const fs::path answers = machine.path() / "quell/ipmi/ipmi0";
  fs::create_directories(answers);
  const auto answer = [&](const char* name, std::initializer_list<int> bytes) {
    std::ofstream(answers / name, std::ios::binary) << bytes_of(bytes);
  };
  answer("0601", {0, 0x20, 1, 2, 0x17, 0x02, 0xBF, 0xA2, 0x02, 0, 1, 0});
  answer("0c0201040000", {0, 0x11, 2});
  answer("0c0201030000", {0, 0x11, 192, 0, 2, 17});
  answer("0c0201050000", {0, 0x11, 0x3C, 0xEC, 0xEF, 0x12, 0x34, 0x56});
  const std::string text = quell({"status", "--deep", "--root", machine.path().string()}).out;
  for (const char* fact : {"2.17", "at 192.0.2.17, by whoever", "3c:ec:ef:xx:xx:xx", "DHCP", "674"})
    EXPECT_THAT(text, HasSubstr(fact));
  ASSERT_EQ(quell({"capture", "--deep", "--root", machine.path().string(), file("machine.tar")}).status, 0);
  EXPECT_THAT(test::file_text(file("machine.tar")), Not(HasSubstr(bytes_of({0x12, 0x34, 0x56}))));
  const std::string captured = quell({"status", "--deep", "--root", file("machine.tar")}).out;
  EXPECT_THAT(captured, HasSubstr("2.17"));
  EXPECT_THAT(captured, Not(HasSubstr("192.0.2.17")));
  // Where channel 1 is none, channel 2 is asked; its addresses are no less kept out.
  for (const char* name : {"04", "03", "05"}) {
    fs::rename(answers / fmt::format("0c0201{}0000", name), answers / fmt::format("0c0202{}0000", name));
    answer(fmt::format("0c0201{}0000", name).c_str(), {0xCC});
  }
  EXPECT_THAT(quell({"status", "--deep", "--root", machine.path().string()}).out, HasSubstr("at 192.0.2.17, by"));
  ASSERT_EQ(quell({"capture", "--deep", "--root", machine.path().string(), file("second.tar")}).status, 0);
  EXPECT_THAT(test::file_text(file("second.tar")), Not(HasSubstr(bytes_of({0x12, 0x34, 0x56}))));
  // Answers that are cut short or refused say nothing.
  for (const char* name : {"0601", "0c0201030000", "0c0201050000"}) answer(name, {0, 0x11});
  answer("0c0201040000", {0xC1});
  EXPECT_EQ(quell({"status", "--deep", "--root", machine.path().string()}).status, 0);
}

// ThinkPad X1 Carbon Gen 12 as its owner posted it (fwupd issue 7180).
TEST_F(Capture, LspciDumpsGiveAVerdict) {
  std::ofstream(file("lspci.txt")) << "00:16.0 Communication controller: Intel Corporation Device 7e70 (rev 20)\n"
                                      "00: 86 80 70 7e 06 04 10 00 20 00 80 07 00 00 80 00\n"
                                      "10: 04 d0 71 5a 40 00 00 00 00 00 00 00 00 00 00 00\n"
                                      "20: 00 00 00 00 00 00 00 00 00 00 00 00 aa 17 1f 23\n"
                                      "30: 00 00 00 00 50 00 00 00 00 00 00 00 ff 01 00 00\n"
                                      "40: 45 02 00 a0 00 00 00 80 00 05 f1 00 00 00 00 00\n"
                                      "50: 01 8c 03 40 08 00 00 00 00 00 00 00 00 00 00 00\n"
                                      "60: 20 00 00 00 00 00 00 00 03 1f f4 02 00 00 00 40\n";
  const test::Outcome outcome = quell({"status", "--json", "--lspci", file("lspci.txt")});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  const auto document = nlohmann::json::parse(outcome.out);
  const auto& engine = document["engines"][0];
  EXPECT_EQ(engine["verdict"], "running");
  EXPECT_EQ(engine["registers"][0]["registers"]["hfsts1"], "0xa0000245");
  EXPECT_EQ(engine["registers"][0]["registers"]["hfsts2"], "0x00f10500");
  EXPECT_EQ(engine["registers"][0]["registers"]["hfsts5"], "0x02f41f03");
  EXPECT_EQ(engine["registers"][0]["registers"]["hfsts6"], "0x40000000");
  // The facts that PCI registers can give, and nothing about the system that runs.
  const std::set<std::string> tellable{"sku",
                                       "phase",
                                       "phase_state",
                                       "manufacturing",
                                       "boot_guard",
                                       "boot_guard_profile",
                                       "fuses_committed",
                                       "firmware_version"};
  for (const auto& fact : engine["facts"]) EXPECT_TRUE(tellable.contains(fact["key"])) << fact["key"];
  for (const auto& section : document["sections"]) EXPECT_EQ(section["summary"], "not told by this source");
}

// The lines that tool prints; where its own are known to be wrong the right ones.
TEST(Intelmetool, PrintsTheFieldsOfTheTool) {
  const test::MachineTree stripped(trees / "me08-t430-stripped.tree");
  const test::Outcome outcome = quell({"intelmetool", "--show", "--root", stripped.path().string()});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  for (const char* line : {"ME Status   : 0x1e003052", "ME Status 2 : 0x1632017a", "ME: FW Partition Table      : OK",
                           "ME: Firmware Init Complete  : NO", "ME: Manufacturing Mode      : YES",
                           "ME: Current Working State   : Recovery", "ME: Current Operation State : M0 with UMA",
                           "ME: Current Operation Mode  : Normal", "ME: Error Code              : Image Failure",
                           "ME: Progress Phase          : BUP Phase",
                           "ME: Power Management Event  : Pseudo-global reset", "M0 kernel load"})
    EXPECT_THAT(outcome.out, HasSubstr(line));
}

TEST(Intelmetool, DecodingErrorsOfTheOriginalArePutRight) {
  const test::MachineTree armed(trees / "me08-medion-watchdog.tree");
  EXPECT_THAT(quell({"intelmetool", "-s", "--root", armed.path().string()}).out,
              HasSubstr("ME: Progress Phase          : Unknown (8)"));
  const test::MachineTree skylake(trees / "me11-skylake-hap.tree");
  EXPECT_THAT(quell({"intelmetool", "-m", "--root", skylake.path().string()}).out,
              HasSubstr("ME: Progress Phase          : BUP Phase"));
  const test::MachineTree server(trees / "me09-r730-sps.tree");
  EXPECT_THAT(quell({"intelmetool", "--root", server.path().string()}).out, HasSubstr("Operation Mode  : SPS"));
}

// The engine's own measurement, where it is marked valid.
TEST(Intelmetool, PrintsTheExtendedHash) {
  Buffer config(256, std::byte{0});
  const auto put = [&](std::size_t at, std::uint32_t word) {
    for (std::size_t i = 0; i < 4; ++i) config.at(at + i) = static_cast<std::byte>(word >> (8 * i));
  };
  put(0xBC, 0xC0000002);
  for (std::uint32_t i = 0; i < 8; ++i) put(0xC0 + 4 * i, 0x01020300 + i);
  EXPECT_EQ(compat::extend_line(ByteView(config)),
            "ME: Extend SHA-256: 0102030001020301010203020102030301020304010203050102030601020307\n");
  put(0xBC, 0xC0000000);
  EXPECT_EQ(compat::extend_line(ByteView(config)), "ME: Extend SHA-1: 0102030001020301010203020102030301020304\n");
  put(0xBC, 0x40000002);
  EXPECT_EQ(compat::extend_line(ByteView(config)), "");
  put(0xBC, 0xFFFFFFFF);
  EXPECT_EQ(compat::extend_line(ByteView(config)), "");
  EXPECT_EQ(compat::extend_line(ByteView(config).clip({0, 64})), "");
}

TEST(Intelmetool, KnowsItsOptions) {
  const test::MachineTree both(trees / "me11-t460p-stock.tree");
  EXPECT_THAT(quell({"intelmetool", "-sb", "--root", both.path().string()}).out,
              testing::AllOf(HasSubstr("ME: FW Partition Table"), HasSubstr("verified boot, enforced")));
  EXPECT_THAT(quell({"intelmetool", "-h"}).out, HasSubstr("--show"));
  EXPECT_THAT(quell({"intelmetool", "--version"}).out, HasSubstr("intelmetool"));
  EXPECT_EQ(quell({"intelmetool", "--nonsense"}).status, 1);
  const test::MachineTree stock(trees / "me11-t460p-stock.tree");
  EXPECT_THAT(quell({"intelmetool", "-b", "--root", stock.path().string()}).out, HasSubstr("verified boot, enforced"));
}

// Sanitizers slow a program down several times.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr int quick = 400;
#else
constexpr int quick = 50;
#endif
#else
constexpr int quick = 50;
#endif

// The bar: under 50 ms where there is no engine, and no process started (exec and fork would show as children).
TEST(StatusCommand, IsQuickAndStartsNoProcess) {
  const test::MachineTree nothing(trees / "virtual-machine.tree");
  auto best = std::chrono::milliseconds(10000);
  for (int i = 0; i < 20; ++i) best = std::min(best, quell({"status", "--root", nothing.path().string()}).time);
  EXPECT_LT(best.count(), quick);
}

}  // namespace
}  // namespace quell::host
