// SPDX-License-Identifier: GPL-2.0-or-later
// The work list and its shards.
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "scan/path_list.h"
#include "support/temporary_folder.h"

namespace quell::scan {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> paths_of(PathList& list) {
  list.sort();
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list.size(); ++i) out.emplace_back(list.at(i));
  return out;
}

Environment variables(std::map<std::string, std::string> set) {
  return [set = std::move(set)](const char* name) {
    const auto found = set.find(name);
    return found == set.end() ? std::string() : found->second;
  };
}

void touch(const fs::path& path) { std::ofstream(path) << "x"; }

TEST(ScanList, IsSortedAndHasEachPathOnce) {
  PathList list;
  for (const char* path : {"b", "a", "b/c", "a", "\xFF", "B"}) list.add(path);
  EXPECT_THAT(paths_of(list), ElementsAre("B", "a", "b", "b/c", "\xFF"));
}

TEST(ScanList, WalksFoldersAndFollowsLinksToFilesOnly) {
  const test::TemporaryFolder folder;
  const std::string root = folder.path();
  fs::create_directories(folder / "a/deep");
  touch(folder / "a/deep/1");
  touch(folder / "a/line\nend");
  fs::create_directory_symlink(root, folder / "a/loop");
  fs::create_symlink("deep/1", folder / "a/link");
  fs::create_symlink("nothing", folder / "a/broken");
  ASSERT_EQ(::mkfifo((folder / "a/fifo").c_str(), 0600), 0);
  PathList list;
  walk(root + "/a", {}, list);
  walk(root + "/none", {}, list);
  EXPECT_THAT(paths_of(list), ElementsAre(root + "/a/broken", root + "/a/deep/1", root + "/a/fifo",
                                          root + "/a/line\nend", root + "/a/link", root + "/none"));
}

TEST(ScanList, ReadsPathsThatEndWithANul) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "below");
  touch(folder / "below/1");
  const std::string below = folder / "below";
  std::ofstream(folder / "list") << "one" << '\0' << "tw\no" << '\0' << '\0' << below << '\0' << "last";
  PathList list;
  ASSERT_TRUE(walk_listed(folder / "list", {}, list));
  EXPECT_THAT(paths_of(list), ElementsAre(below + "/1", "last", "one", "tw\no"));
  EXPECT_FALSE(walk_listed(folder / "none", {}, list));
}

TEST(ScanShard, EveryPathBelongsToExactlyOne) {
  std::array<int, 8> counts{};
  for (int i = 0; i < 800; ++i) {
    int owners = 0;
    for (std::uint64_t shard = 0; shard < counts.size(); ++shard) {
      if (!Shard{shard, counts.size()}.has("path/" + std::to_string(i))) continue;
      ++owners;
      ++counts.at(shard);
    }
    EXPECT_EQ(owners, 1);
  }
  for (const int count : counts) EXPECT_GT(count, 60);
}

// printf %s dump.rom | sha256sum | cut -c1-16, as a number, modulo 7.
TEST(ScanShard, IsTheFirstEightBytesOfTheDigest) { EXPECT_TRUE((Shard{0x6b78c02f8d40fa04ULL % 7, 7}.has("dump.rom"))); }

TEST(ScanShard, ReadsWordsAndSchedulers) {
  struct Row {
    std::string text;
    std::map<std::string, std::string> set;
    std::uint64_t index, count;  // count 0: refused
  };
  const std::vector<Row> rows = {
      {"0/1", {}, 0, 1},
      {"7/8", {}, 7, 8},
      {"8/8", {}, 0, 0},
      {"1", {}, 0, 0},
      {"-1/8", {}, 0, 0},
      {"1/8x", {}, 0, 0},
      {"", {}, 0, 0},
      {"auto", {}, 0, 0},
      {"auto", {{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_ARRAY_TASK_COUNT", "8"}, {"SLURM_ARRAY_TASK_MIN", "0"}}, 3, 8},
      {"auto", {{"SLURM_ARRAY_TASK_ID", "8"}, {"SLURM_ARRAY_TASK_COUNT", "8"}, {"SLURM_ARRAY_TASK_MIN", "1"}}, 0, 0},
      {"auto", {{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_ARRAY_TASK_COUNT", "4"}, {"SLURM_ARRAY_TASK_MIN", "3"}}, 0, 0},
      {"auto", {{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_ARRAY_TASK_COUNT", "1"}}, 0, 0},
      {"auto", {{"JOB_COMPLETION_INDEX", "2"}, {"JOB_COMPLETION_COUNT", "5"}}, 2, 5},
      {"auto", {{"JOB_COMPLETION_INDEX", "2"}}, 0, 0},
  };
  for (const Row& row : rows) {
    const auto shard = parse_shard(row.text, variables(row.set));
    EXPECT_EQ(shard.has_value(), row.count != 0) << row.text;
    if (!shard) continue;
    EXPECT_EQ(shard->index, row.index);
    EXPECT_EQ(shard->count, row.count);
  }
}

}  // namespace
}  // namespace quell::scan
