// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/extraction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specimen/specimen.h"

namespace quell {
namespace {

struct PathCase {
  const char* wanted;
  const char* safe;
};

TEST(SafePath, KeepsPlainNamesAndDefusesTheRest) {
  const std::string long_name(300, 'x');
  const PathCase cases[] = {
      {"regions/00001000-me.bin", "regions/00001000-me.bin"},
      {"../../etc/passwd", "_./_./etc/passwd"},
      {"/etc/passwd", "etc/passwd"},
      {"a//b", "a/b"},
      {"", "unnamed"},
      {"///", "unnamed"},
      {".", "_"},
      {"..", "_."},
      {".hidden", "_hidden"},
      {"a b\tc\n", "a_b_c_"},
      {"C:\\x", "C__x"},
      {"\xFF\xC0\xAF", "___"},
      {"1/2/3/4/5/6/7/8/9/10", "1/2/3/4/5/6/7/8"},
  };
  for (const PathCase& one : cases) EXPECT_EQ(safe_path(one.wanted), one.safe) << one.wanted;
  EXPECT_EQ(safe_path(long_name).size(), 80U);
}

std::vector<std::string> paths(const std::vector<Artifact>& artifacts) {
  std::vector<std::string> out;
  for (const Artifact& artifact : artifacts) out.push_back(artifact.path);
  return out;
}

TEST(CollectArtifacts, GivesHostileAndEqualNamesPathsOfTheirOwn) {
  const Buffer bytes(0x40, std::byte{7});
  Image image("file", ByteView(bytes));
  image.regions = {{"me", {0, 0x10}}, {"ME", {0, 0x10}}, {"me", {0, 0x10}}, {"../me", {0x10, 0x30}}};
  EXPECT_THAT(paths(collect_artifacts(image)),
              testing::ElementsAre("regions/00000000-me.bin", "regions/00000000-ME-2.bin", "regions/00000000-me-3.bin",
                                   "regions/00000010-../me.bin"));
}

TEST(CollectArtifacts, TakesTheImageOutOfItsWrapping) {
  Buffer bytes(0x80, std::byte{7});
  bytes.front() = std::byte{1};
  Image image("file", ByteView(bytes));
  image.what = {.kind = "intel.dump", .title = "x", .body = {0x20, 0x60}, .recognised = true};
  const auto artifacts = collect_artifacts(image);
  EXPECT_THAT(paths(artifacts), testing::Contains("image.rom"));
  const auto inner = std::ranges::find(artifacts, "image", &Artifact::kind);
  ASSERT_NE(inner, artifacts.end());
  EXPECT_EQ(inner->range, (Range{0x20, 0x60}));
  EXPECT_THAT(paths(artifacts), testing::Contains("gaps/00000000.bin")) << "the parts still cover every byte";
}

TEST(CollectArtifacts, NeverMakesOnePathAFolderOfAnother) {
  const Buffer bytes(0x40, std::byte{7});
  Image image("file", ByteView(bytes));
  image.regions = {{"a/b", {0, 0x10}}, {"a/b.bin/c", {0, 0x40}}};
  EXPECT_THAT(paths(collect_artifacts(image)),
              testing::ElementsAre("regions/00000000-a/b.bin", "regions/00000000-a/b.bin_c.bin"))
      << "the second may not use the first one's file as a folder";
}

TEST(CollectArtifacts, CoversEveryByteOfTheImageSoThatItCanBePutTogetherAgain) {
  Buffer bytes = specimen::Canvas(0x1000).text(0x100, "between").text(0x300, "region").text(0xFFF, "!").bytes();
  Image image("file", ByteView(bytes));
  image.regions = {{"b", {0x300, 0x100}}, {"a", {0x280, 0x100}}, {"far", {0xF00, 0xFFFFFFFF}}, {"out", {0x2000, 4}}};
  Buffer again(bytes.size());
  for (const Artifact& artifact : collect_artifacts(image)) {
    ASSERT_TRUE(artifact.range.has_value());
    Buffer storage;
    const auto piece = artifact_bytes(artifact, image, storage);
    ASSERT_TRUE(piece.has_value());
    std::copy(piece->begin(), piece->end(), again.begin() + static_cast<std::ptrdiff_t>(artifact.range->offset));
  }
  EXPECT_TRUE(again == bytes);
}

TEST(CollectArtifacts, DoesNotWriteOutBlankGaps) {
  const Buffer bytes(0x1000, std::byte{0xFF});
  const Image image("file", ByteView(bytes));
  const auto artifacts = collect_artifacts(image);
  ASSERT_EQ(artifacts.size(), 1U);
  EXPECT_EQ(artifacts[0].kind, "blank");
  EXPECT_EQ(artifacts[0].path, "");
  EXPECT_EQ(artifacts[0].range, (Range{0, 0x1000}));
}

TEST(ArtifactBytes, PassesOnWhyUnpackingFailed) {
  const Buffer bytes(0x10);
  const Image image("file", ByteView(bytes));
  Artifact broken{.path = "x", .kind = "unpacked"};
  broken.unpack = [] { return Result<Buffer>(fail(Errc::damaged, "cut off")); };
  Buffer storage;
  const auto result = artifact_bytes(broken, image, storage);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "cut off");
}

}  // namespace
}  // namespace quell
