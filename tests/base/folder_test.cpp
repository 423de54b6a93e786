// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/folder.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/leftovers.h"
#include "support/temporary_folder.h"

namespace quell {
namespace {

namespace fs = std::filesystem;

class Folders : public testing::Test {
 protected:
  Folders() {
    fs::create_directories(folder_ / "tree/a/b");
    fs::create_directory(folder_ / "outside");
    fs::create_directory_symlink("../../outside", folder_ / "tree/a/link");
    fs::create_directory_symlink("/a", folder_ / "tree/absolute");
  }
  Folder tree() { return Folder::open(folder_ / "tree").value(); }

  test::TemporaryFolder folder_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_F(Folders, BelowFollowsNoLinkAndLeadsNowhereElse) {
  EXPECT_TRUE(tree().below("a/b").has_value());
  for (const char* path : {"a/link", "a/link/x", "absolute", "../outside", "a/../../outside", "/etc"}) {
    const auto found = tree().below(path, true);
    ASSERT_FALSE(found.has_value()) << path;
    EXPECT_EQ(found.error().code, Errc::refused) << path;
  }
  EXPECT_TRUE(fs::is_empty(folder_ / "outside"));
}

TEST_F(Folders, BelowMakesWhatIsMissingAndSaysSo) {
  std::vector<fs::path> made;
  EXPECT_TRUE(tree().below("a/new/deep", true, &made).has_value());
  EXPECT_THAT(made, testing::ElementsAre("a/new", "a/new/deep"));
  EXPECT_FALSE(tree().below("a/missing").has_value());
}

TEST_F(Folders, InsideResolvesLinksAsIfItWereTheRoot) {
  const auto found = tree().inside("absolute/b");
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_FALSE(tree().inside("a/link").has_value()) << "there is no folder of that name in the tree";
}

TEST_F(Folders, AFileThatIsThereIsNeverWrittenOver) {
  std::ofstream(folder_ / "tree/file") << "mine";
  fs::create_symlink("../outside/new", folder_ / "tree/trap");
  EXPECT_FALSE(tree().create("file").has_value());
  EXPECT_FALSE(tree().create("trap").has_value());
  EXPECT_TRUE(fs::is_empty(folder_ / "outside"));
}

TEST_F(Folders, RemovingATreeFollowsNoLink) {
  std::ofstream(folder_ / "outside/kept") << "x";
  remove_tree(Folder::open(folder_.path()).value().get(), "tree");
  EXPECT_FALSE(fs::exists(folder_ / "tree"));
  EXPECT_TRUE(fs::exists(folder_ / "outside/kept"));
}

}  // namespace
}  // namespace quell
