// SPDX-License-Identifier: GPL-2.0-or-later
// Inputs stay, outputs are nobody's tool.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_file(folder_ / "dump.rom", specimen::intel_small_dump(specimen::IntelFlavour::me8)));
    original_ = file_text(folder_ / "dump.rom");
  }
  // A line of a shell in the folder; "$Q" is the program.
  [[nodiscard]] Outcome shell(const std::string& line) const {
    return run_program("/bin/bash", {"-c", "cd \"$0\"; " + line, folder_.path()}, {std::string("Q=") + QUELL_PROGRAM});
  }

  TemporaryFolder folder_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  std::string original_;    // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_F(Files, TheOnlyOriginalIsNeverReplacedHoweverItIsNamed) {
  fs::create_hard_link(folder_ / "dump.rom", folder_ / "same.rom");
  fs::create_symlink("dump.rom", folder_ / "link.rom");
  for (const std::string line :
       {"$Q clean - -o dump.rom < dump.rom", "$Q clean - -o same.rom < dump.rom", "$Q clean - -o link.rom < dump.rom",
        "$Q clean dump.rom -o /dev/stdin < dump.rom", "$Q clean - --me-out dump.rom -o x < dump.rom",
        "$Q clean dump.rom -o - 1<> dump.rom", "$Q descriptor unlock - -o dump.rom < dump.rom",
        "$Q descriptor lock - -o same.rom < dump.rom", "$Q descriptor lock dump.rom -o ./link.rom",
        "$Q descriptor split - --first dump.rom --second x < dump.rom", "$Q me_cleaner dump.rom -O same.rom"}) {
    const Outcome outcome = shell(line);
    EXPECT_NE(outcome.status, 0) << line;
    EXPECT_EQ(file_text(folder_ / "dump.rom"), original_) << line;
    EXPECT_FALSE(fs::exists(folder_ / "x")) << line;
  }
}

TEST_F(Files, OutputsOfRootCarryNoSetIdBits) {
  fs::permissions(folder_ / "dump.rom", static_cast<fs::perms>(06755));
  ASSERT_EQ(shell("umask 022; mkdir o; cd o; $Q ifdtool -x ../dump.rom; $Q clean ../dump.rom --strip -o c.rom; $Q "
                  "extract ../dump.rom -d e; umask 077; $Q clean ../dump.rom --strip -o d.rom")
                .status,
            0);
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "o")) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const auto mode = static_cast<unsigned>(entry.status().permissions());
    EXPECT_EQ(mode & 07133U, 0U) << entry.path() << std::oct << mode;
  }
  EXPECT_GT(files, 10);
  EXPECT_EQ(static_cast<unsigned>(fs::status(folder_ / "o" / "d.rom").permissions()), 0600U);
}

TEST_F(Files, InPlaceTellsOfTheOtherNames) {
  fs::create_hard_link(folder_ / "dump.rom", folder_ / "other.rom");
  const Outcome outcome = shell("$Q me_cleaner dump.rom");
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_THAT(outcome.error, HasSubstr("another name of this file keeps the old content"));
  EXPECT_EQ(file_text(folder_ / "other.rom"), original_);
}

TEST_F(Files, ALimitOnTheSizeOfFilesLeavesNothing) {
  for (const std::string line : {"$Q clean ../dump.rom --strip -o out.rom", "$Q extract ../dump.rom -d parts"}) {
    const Outcome outcome = shell("mkdir -p t; cd t; ulimit -f 64; " + line);
    EXPECT_EQ(outcome.status, 5) << outcome.error;
    EXPECT_THAT(outcome.error, HasSubstr("File too large"));
    EXPECT_TRUE(fs::is_empty(folder_ / "t"));
  }
}

TEST_F(Files, AFullStandardOutputLeavesNothingHalfMade) {
  EXPECT_EQ(shell("$Q extract --json dump.rom -d parts > /dev/full").status, 5);
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
  }
}

TEST_F(Files, ClosedDescriptorsDoNotBecomeOutputs) {
  for (const std::string closed : {"<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"}) {
    fs::remove(folder_ / "out.rom");
    const Outcome outcome = shell("$Q clean dump.rom --strip -o out.rom " + closed);
    const bool deaf = closed.find(" >&-") != std::string::npos || closed.starts_with(">&-");
    EXPECT_EQ(outcome.status, deaf ? 5 : 0) << closed;
    ASSERT_TRUE(fs::exists(folder_ / "out.rom")) << closed;
    EXPECT_EQ(fs::file_size(folder_ / "out.rom"), original_.size()) << closed;
    EXPECT_EQ(file_text(folder_ / "dump.rom"), original_) << closed;
  }
  EXPECT_EQ(shell("$Q clean - -o out.rom <&-").status, 5);
}

TEST_F(Files, ExtractFollowsNoLinkInTheFolder) {
  fs::create_directories(folder_ / "parts");
  fs::create_directory(folder_ / "victim");
  fs::create_directory_symlink("../victim", folder_ / "parts" / "regions");
  const Outcome outcome = shell("$Q extract dump.rom -d parts --force");
  EXPECT_EQ(outcome.status, 4) << outcome.error;
  EXPECT_TRUE(fs::is_empty(folder_ / "victim"));
  EXPECT_THAT(outcome.error, HasSubstr("in the way"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "parts"), {}), 1);
}

TEST_F(Files, HideStaysInsideItsRootAndMakesNone) {
  fs::create_directories(folder_ / "root/real");
  fs::create_directories(folder_ / "root/etc/udev");
  fs::create_directory(folder_ / "victim");
  fs::create_directory_symlink("/real", folder_ / "root/etc/modprobe.d");
  fs::create_directory_symlink("../../../victim", folder_ / "root/etc/udev/rules.d");
  const Outcome outcome = shell("$Q hide --write --root root");
  EXPECT_TRUE(fs::is_empty(folder_ / "victim"));
  EXPECT_TRUE(fs::exists(folder_ / "root/real/quell-hide-engine.conf")) << outcome.error;
  EXPECT_EQ(outcome.status, 4) << outcome.error;
  EXPECT_EQ(shell("$Q hide --write --root absent").status, 5);
  EXPECT_FALSE(fs::exists(folder_ / "absent"));
}

TEST_F(Files, WhatAKilledExtractionLeftTheNextOneRemoves) {
  fs::create_directories(folder_ / "parts/.quell-extract-0123456789abcdef/new/regions");
  std::ofstream(folder_ / "parts/.quell-extract-0123456789abcdef/new/regions/half") << "x";
  EXPECT_EQ(shell("$Q extract dump.rom -d parts").status, 0);
  EXPECT_FALSE(fs::exists(folder_ / "parts/.quell-extract-0123456789abcdef"));
}

}  // namespace
}  // namespace quell::test
