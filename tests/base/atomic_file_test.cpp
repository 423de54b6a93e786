// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/atomic_file.h"

#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct stat status_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status;
}

unsigned mode_of(const std::filesystem::path& path) { return status_of(path).st_mode & 07777U; }

void put(const std::filesystem::path& path, const std::string& text, mode_t mode) {
  std::ofstream(path) << text;
  ::chmod(path.c_str(), mode);
}

class AtomicFiles : public testing::Test {
 protected:
  void SetUp() override { before_ = ::umask(022); }
  void TearDown() override { ::umask(before_); }

  test::TemporaryFolder folder_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)

 private:
  mode_t before_ = 0;
};

struct Permission {
  unsigned input;
  unsigned mask;
  unsigned output;
};

TEST_F(AtomicFiles, ANewFileGetsThePermissionsOfTheInputLessSetIdExecuteAndUmask) {
  for (const Permission& one : {Permission{04755, 022, 0644}, {02777, 0, 0666}, {0666, 077, 0600}, {0400, 022, 0400}}) {
    put(folder_ / "input", "x", one.input);
    ::umask(one.mask);
    ASSERT_TRUE(write_file(folder_ / "output", as_bytes("new"), folder_ / "input"));
    EXPECT_EQ(mode_of(folder_ / "output"), one.output) << std::oct << one.input;
    std::filesystem::remove(folder_ / "output");
    std::filesystem::remove(folder_ / "input");
  }
}

TEST_F(AtomicFiles, OneThatIsReplacedKeepsOwnerAndModeAndLosesSetIdBits) {
  put(folder_ / "dump", "old", 0666);
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::chown((folder_ / "dump").c_str(), 65534, 65534), 0);
  }
  ::chmod((folder_ / "dump").c_str(), 04751);
  ASSERT_TRUE(write_file(folder_ / "dump", as_bytes("new")));
  EXPECT_EQ(mode_of(folder_ / "dump"), 0751U);
  if (root) {
    EXPECT_EQ(status_of(folder_ / "dump").st_uid, 65534U);
  }
  EXPECT_EQ(test::file_text(folder_ / "dump"), "new");
}

TEST_F(AtomicFiles, SaysHowManyOtherNamesKeepTheOldContent) {
  put(folder_ / "a", "old", 0644);
  std::filesystem::create_hard_link(folder_ / "a", folder_ / "b");
  auto file = AtomicFile::create(folder_ / "a");
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->other_names(), 1U);
  ASSERT_TRUE(file->write(as_bytes("new")));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(test::file_text(folder_ / "a"), "new");
  EXPECT_EQ(test::file_text(folder_ / "b"), "old");
}

TEST_F(AtomicFiles, ALinkIsFollowedAndStaysALink) {
  put(folder_ / "real", "old", 0644);
  std::filesystem::create_symlink("real", folder_ / "link");
  ASSERT_TRUE(write_file(folder_ / "link", as_bytes("new")));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link"));
  EXPECT_EQ(test::file_text(folder_ / "real"), "new");
}

TEST_F(AtomicFiles, NothingIsThereUntilItIsDone) {
  {
    auto file = AtomicFile::create(folder_ / "output");
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE(file->write(as_bytes("half")));
    EXPECT_THAT(folder_.names(), IsEmpty());
  }
  EXPECT_THAT(folder_.names(), IsEmpty());
}

TEST_F(AtomicFiles, AFolderThatIsExchangedMeanwhileDoesNotLeadElsewhere) {
  std::filesystem::create_directory(folder_ / "mine");
  std::filesystem::create_directory(folder_ / "victim");
  auto file = AtomicFile::create(folder_ / "mine" / "output");
  ASSERT_TRUE(file.has_value());
  std::filesystem::rename(folder_ / "mine", folder_ / "moved");
  std::filesystem::create_symlink("victim", folder_ / "mine");
  ASSERT_TRUE(file->write(as_bytes("new")));
  ASSERT_TRUE(file->commit());
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "victim"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "moved" / "output"));
}

TEST_F(AtomicFiles, WhatAKilledRunLeftTheNextOneRemoves) {
  put(folder_ / "dump", "old", 0644);
  const std::string dead = ".dump.quell-0123456789abcdef";
  const std::string alive = ".dump.quell-fedcba9876543210";
  put(folder_ / dead, "half", 0644);
  put(folder_ / alive, "half", 0644);
  put(folder_ / ".dump.quell-notes", "the user's own", 0644);
  const int held = ::open((folder_ / alive).c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  ASSERT_TRUE(write_file(folder_ / "dump", as_bytes("new")));
  ::close(held);
  EXPECT_THAT(folder_.names(), ElementsAre(alive, ".dump.quell-notes", "dump"));
}

}  // namespace
}  // namespace quell
