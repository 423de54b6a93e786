// SPDX-License-Identifier: GPL-2.0-or-later
// `quell descriptor` on a file that is a descriptor and nothing else.
#include <filesystem>

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "support/descriptors.h"
#include "support/program.h"

namespace quell {
namespace {

namespace fs = std::filesystem;

class BareDescriptor : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quell-descriptor-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ASSERT_TRUE(write_file(folder_ / "d.bin", test::make_descriptor({})));
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static test::Outcome quell(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "descriptor");
    return test::run_program(QUELL_PROGRAM, arguments);
  }

  fs::path folder_;
};

TEST_F(BareDescriptor, ExtractedAndInjectedIsTheSameAgain) {
  const auto extracted = quell({"extract", path("d.bin"), "-d", path("parts")});
  EXPECT_EQ(extracted.status, 0) << extracted.error;
  EXPECT_THAT(extracted.out, testing::HasSubstr("the file is the descriptor alone"));
  EXPECT_EQ(test::file_text(path("parts/fd.bin")), test::file_text(path("d.bin")));
  const auto injected = quell({"inject", path("d.bin"), "fd=" + path("parts/fd.bin"), "-o", path("again.bin")});
  EXPECT_EQ(injected.status, 0) << injected.error;
  EXPECT_EQ(test::file_text(path("again.bin")), test::file_text(path("d.bin")));
}

// 8+4 MiB boards: a layout of 12 MiB makes a file of 12 MiB, and cuts nothing off that somebody needs.
TEST_F(BareDescriptor, ALayoutMakesAFileOfItsOwnSizeAndCutsNoFirmware) {
  Buffer dump = test::make_descriptor({.isl = 0x12, .flmap2 = 0x00210120, .v2 = false});
  dump.resize(0x60000, std::byte{0xFF});
  test::put32(dump, 0x44, 0x005F0020);
  std::fill(dump.begin() + 0x1000, dump.begin() + 0x10000, std::byte{0x5A});
  std::fill(dump.begin() + 0x58000, dump.end(), std::byte{0x33});
  ASSERT_TRUE(write_file(folder_ / "dump.bin", dump));
  const auto layout = [&](const std::string& text) {
    const Bytes bytes = as_bytes(text);
    EXPECT_TRUE(write_file(folder_ / "layout", Buffer(bytes.begin(), bytes.end())));
    fs::remove(folder_ / "new.bin");
  };
  layout("00000000:00000fff fd\n00001000:0000ffff me\n00010000:0005ffff bios\n");
  const std::vector<std::string> words{"set", path("dump.bin"), "--layout", path("layout"), "-o", path("new.bin")};
  auto outcome = quell(words);
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_EQ(fs::file_size(folder_ / "new.bin"), 0x60000U);
  // The sandbox leaves the layout readable wherever it lies.
  fs::create_directory(folder_ / "elsewhere");
  outcome = quell({"set", path("dump.bin"), "--layout", path("layout"), "-o", path("elsewhere/new.bin")});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  layout("00000000:00000fff fd\n00001000:00007fff me\n00008000:0005ffff bios\n");
  outcome = quell(words);
  EXPECT_EQ(outcome.status, 4) << outcome.error;
  EXPECT_THAT(outcome.error, testing::HasSubstr("cuts content off the Intel ME region"));
  EXPECT_THAT(outcome.error, testing::HasSubstr("--accept-shrink"));
  EXPECT_FALSE(fs::exists(folder_ / "new.bin"));
  auto insist = words;
  insist.emplace_back("--accept-shrink");
  EXPECT_EQ(quell(insist).status, 0);
}

TEST_F(BareDescriptor, SaysThatOtherRegionsAreNotInIt) {
  const auto extracted = quell({"extract", path("d.bin"), "me", "-d", path("parts")});
  EXPECT_EQ(extracted.status, 3);
  EXPECT_THAT(extracted.error,
              testing::HasSubstr("the file is the descriptor alone, the Intel ME region is not in it"));
  const auto injected = quell({"inject", path("d.bin"), "me=" + path("d.bin"), "-o", path("new.bin")});
  EXPECT_EQ(injected.status, 3);
  EXPECT_THAT(injected.error, testing::HasSubstr("give the dump of the whole chip"));
  EXPECT_FALSE(fs::exists(path("new.bin")));
}

}  // namespace
}  // namespace quell
