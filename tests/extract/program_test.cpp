// SPDX-License-Identifier: GPL-2.0-or-later
// `quell extract` as a user runs it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "quell/digest.h"
#include "specimen/specimen.h"

namespace quell {
namespace {

namespace fs = std::filesystem;

// 64 KiB: a descriptor with a BIOS and an ME region, whose bytes are all different from their neighbours.
Buffer dump() {
  specimen::Canvas canvas(0x10000);
  canvas.put(0x10, from_hex("5aa5f00f"))
      .u32(0x14, 0x00040003)
      .u32(0x18, 0x02100206)
      .u32(0x1C, 0x00000120)
      .u32(0x30, 0)
      .u32(0x40, 0x00000000)
      .u32(0x44, 0x000F0008)
      .u32(0x48, 0x00070001);
  for (std::uint64_t slot = 3; slot < 8; ++slot) canvas.u32(0x40 + 4 * slot, 0x00001FFF);
  for (std::uint64_t at = 0x1000; at < 0x10000; at += 8) canvas.u64(at, at * 0x9E3779B97F4A7C15U);
  return std::move(canvas).take();
}

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ExtractCommand : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quell-extract-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    image_ = dump();
    const auto characters = std::span(image_);
    std::ofstream out(folder_ / "dump.rom", std::ios::binary);
    for (const std::byte byte : characters) out.put(static_cast<char>(byte));
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Runs the program; its messages land in `message_`.
  int run(const std::string& arguments) {
    const fs::path log = folder_ / "log";
    const int status = std::system(
        fmt::format("cd {} && {} extract {} > out.json 2> log", folder_.string(), QUELL_PROGRAM, arguments).c_str());
    message_ = slurp(log);
    return WEXITSTATUS(status);
  }
  [[nodiscard]] std::vector<std::string> hidden_leftovers() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (entry.path().filename().string().starts_with(".")) out.push_back(entry.path().string());
    }
    return out;
  }

  fs::path folder_;
  Buffer image_;
  std::string message_;
};

TEST_F(ExtractCommand, WritesPiecesFromWhichTheImageCanBePutTogetherAgain) {
  ASSERT_EQ(run("dump.rom -d parts --json"), 0) << message_;
  const auto index = nlohmann::json::parse(slurp(folder_ / "parts/index.json"));
  EXPECT_EQ(index, nlohmann::json::parse(slurp(folder_ / "out.json")));
  EXPECT_EQ(index["schema"], "quell/2");
  std::string again(image_.size(), '\0');
  for (const auto& artifact : index["artifacts"]) {
    if (!artifact["stored"].get<bool>()) continue;
    const std::size_t offset = artifact["range"]["offset"];
    const std::size_t size = artifact["range"]["size"];
    if (artifact["kind"] == "blank") {
      const int fill = artifact["attributes"]["fill"];
      again.replace(offset, size, std::string(size, static_cast<char>(fill)));
    } else {
      const std::string piece = slurp(folder_ / "parts" / std::string(artifact["path"]));
      ASSERT_EQ(piece.size(), size);
      EXPECT_EQ(artifact["sha256"], to_hex(sha256(as_bytes(piece))));
      again.replace(offset, size, piece);
    }
  }
  EXPECT_EQ(to_hex(sha256(as_bytes(again))), to_hex(sha256(image_)));
  EXPECT_TRUE(fs::exists(folder_ / "parts/regions/00001000-me.bin"));
  EXPECT_TRUE(hidden_leftovers().empty());
}

TEST_F(ExtractCommand, NeverReplacesAFileUnlessToldTo) {
  fs::create_directories(folder_ / "parts/regions");
  std::ofstream(folder_ / "parts/regions/00001000-me.bin") << "mine";
  EXPECT_EQ(run("dump.rom -d parts"), 4);
  EXPECT_NE(message_.find("--force"), std::string::npos) << message_;
  EXPECT_EQ(slurp(folder_ / "parts/regions/00001000-me.bin"), "mine");
  EXPECT_FALSE(fs::exists(folder_ / "parts/index.json")) << "half an extraction was left behind";
  EXPECT_TRUE(hidden_leftovers().empty());

  EXPECT_EQ(run("dump.rom -d parts --force"), 0) << message_;
  EXPECT_EQ(fs::file_size(folder_ / "parts/regions/00001000-me.bin"), 0x7000U);
  EXPECT_TRUE(hidden_leftovers().empty());
}

TEST_F(ExtractCommand, LeavesOtherFilesOfTheFolderAlone) {
  fs::create_directories(folder_ / "parts");
  std::ofstream(folder_ / "parts/notes.txt") << "mine";
  EXPECT_EQ(run("dump.rom -d parts"), 0) << message_;
  EXPECT_EQ(slurp(folder_ / "parts/notes.txt"), "mine");
  EXPECT_TRUE(fs::exists(folder_ / "parts/index.json"));
}

TEST_F(ExtractCommand, DoesNotFollowALinkOutOfTheFolder) {
  fs::create_directories(folder_ / "parts");
  fs::create_directories(folder_ / "elsewhere");
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "parts/regions");
  EXPECT_EQ(run("dump.rom -d parts --force"), 4);
  EXPECT_TRUE(fs::is_empty(folder_ / "elsewhere"));
  EXPECT_FALSE(fs::exists(folder_ / "parts/index.json"));
}

TEST_F(ExtractCommand, LeavesNothingBehindWhenTheInputIsNotFirmware) {
  std::ofstream(folder_ / "letter.txt") << std::string(5000, 'x');
  EXPECT_EQ(run("letter.txt -d parts"), 3);
  EXPECT_EQ(std::count(message_.begin(), message_.end(), '\n'), 1) << message_;
  EXPECT_FALSE(fs::exists(folder_ / "parts"));
  EXPECT_TRUE(hidden_leftovers().empty());
}

TEST_F(ExtractCommand, SaysWhatIsWrongWithTheFolder) {
  EXPECT_EQ(run("dump.rom -d dump.rom"), 5);
  EXPECT_EQ(run("dump.rom -d no/such/parent"), 5);
  EXPECT_EQ(run("dump.rom"), 2);
  EXPECT_EQ(run("missing.rom -d parts"), 5);
  EXPECT_FALSE(fs::exists(folder_ / "parts"));
}

// A limit on file size stands in for a disk that fills up half-way.
TEST_F(ExtractCommand, TakesEverythingBackWhenTheDiskIsFull) {
  EXPECT_EQ(run("dump.rom -d /dev/full/parts"), 5);
  const int status =
      std::system(fmt::format("cd {} && (trap '' XFSZ; ulimit -f 16; {} extract dump.rom -d parts) > log 2>&1",
                              folder_.string(), QUELL_PROGRAM)
                      .c_str());
  EXPECT_EQ(WEXITSTATUS(status), 5);
  EXPECT_FALSE(fs::exists(folder_ / "parts"));
  EXPECT_TRUE(hidden_leftovers().empty());
}

}  // namespace
}  // namespace quell
