// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/record.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scan/lines.h"
#include "scan/resume.h"

namespace quell::scan {
namespace {

using testing::EndsWith;
using testing::StartsWith;

FileRecord some_file(std::string path) {
  FileRecord file{.path = std::move(path)};
  file.stamp = FileStamp{16, 1769903999, 1};
  file.sha256 = Sha256{};
  return file;
}

TEST(ScanRecord, OfAFileIsOneLine) {
  EXPECT_EQ(to_line(some_file("a/b.rom")),
            R"({"schema":"quell/scan/1","file":{"path":"a/b.rom","size":16,"mtime":"2026-01-31T23:59:59.000000001Z",)"
            R"("sha256":"0000000000000000000000000000000000000000000000000000000000000000","status":"ok"}})"
            "\n");
}

TEST(ScanRecord, KeepsNamesThatAreNotUtf8) {
  const auto file = nlohmann::json::parse(to_line(some_file("a\xFF\n\x1B[2J")))["file"];
  EXPECT_EQ(file["path"], "a\xEF\xBF\xBD\n\x1B[2J");
  EXPECT_EQ(file["path_base64"], "Yf8KG1sySg==");
  EXPECT_EQ(to_line(some_file("a\nb")).find('\n'), to_line(some_file("a\nb")).size() - 1);
}

TEST(ScanRecord, OfAnImageBeginsWithItsKey) {
  const ImageRecord image{.size = 3, .status = ImageStatus::crash, .signal = 11, .milliseconds = 1.5};
  const std::string line = to_line(image, {"1.0", "abcd", "check"});
  EXPECT_THAT(line, StartsWith(head_of_images()));
  EXPECT_THAT(line, EndsWith(R"(","size":3,"quell":"1.0","tables":"abcd","level":"check","status":"crash","signal":11,)"
                             R"("ms":1.500,"checks":{},"engines":[],"findings":[],"advisories":[]}})"
                             "\n"));
}

// The words of the schema quell/scan/1, in the order of the enumerations.
TEST(ScanRecord, StatusesAreWords) {
  constexpr std::array<std::string_view, 8> of_files{"ok",      "unreadable", "not-a-file", "too-large",
                                                     "changed", "timeout",    "memory",     "crash"};
  constexpr std::array<std::string_view, 6> of_images{"ok", "unknown", "damaged", "timeout", "memory", "crash"};
  for (std::size_t i = 0; i < of_files.size(); ++i) EXPECT_EQ(to_string(static_cast<FileStatus>(i)), of_files.at(i));
  for (std::size_t i = 0; i < of_images.size(); ++i) EXPECT_EQ(to_string(static_cast<ImageStatus>(i)), of_images.at(i));
}

std::string without_newline(std::string line) {
  line.pop_back();
  return line;
}

TEST(ScanPast, KnowsTheFilesThatAreStillTheSame) {
  const RunKey key = run_key("inspect");
  Past past;
  const FileRecord odd = some_file(
      "a\xFF"
      "b");
  EXPECT_TRUE(past.take(without_newline(to_line(odd)), key));
  EXPECT_TRUE(past.has(odd.path, odd.stamp));
  EXPECT_FALSE(past.has(odd.path, FileStamp{17, 1769903999, 1}));
  EXPECT_FALSE(past.has(odd.path, FileStamp{16, 1769903999, 2}));
  EXPECT_FALSE(past.has("a", odd.stamp));
  EXPECT_FALSE(past.has(odd.path, std::nullopt));
  EXPECT_TRUE(past.take(without_newline(to_line(FileRecord{.path = "gone", .status = FileStatus::unreadable})), key));
  EXPECT_TRUE(past.has("gone", std::nullopt));
}

TEST(ScanPast, TakesNoLineWhoseMembersAreOfAnotherType) {
  const RunKey key = run_key("inspect");
  Past past;
  const std::string schema = R"("schema":"quell/scan/1")";
  for (const char* line : {R"({"schema":5,"file":{"path":"x"}})", R"({"schema":null,"file":{"path":"x"}})"})
    EXPECT_FALSE(past.take(line, key)) << line;
  for (const char* members : {R"("path":5)", R"("path":"x","path_base64":5)", R"("path":"x","size":1,"mtime":7)",
                              R"("path":"x","size":1,"mtime":null)"}) {
    EXPECT_FALSE(past.take(std::string("{").append(schema).append(R"(,"file":{)").append(members).append("}}"), key))
        << members;
  }
}

TEST(ScanPast, KnowsImagesAndTheirWorstFinding) {
  const RunKey key = run_key("inspect");
  Past past;
  const ImageRecord image{.members = R"("findings":[{"severity":"warning"},{"subject":"\"severity\":\"critical\""}])"};
  EXPECT_TRUE(past.take(without_newline(to_line(image, key)), key));
  EXPECT_EQ(past.worst(), Severity::warning);
  EXPECT_TRUE(past.release_images().contains(image.sha256));
}

TEST(ScanPast, TakesNoTornLineAndNoneOfAnotherKey) {
  const RunKey key = run_key("inspect");
  const std::string file = to_line(some_file("x"));
  const std::string image = to_line(ImageRecord{}, key);
  for (const std::string& line : {file, image}) {
    for (std::size_t size = 0; size + 1 < line.size(); ++size) {
      Past past;
      EXPECT_FALSE(past.take(line.substr(0, size), key)) << line.substr(0, size);
    }
  }
  Past past;
  EXPECT_FALSE(past.take(without_newline(image), run_key("check")));
  EXPECT_TRUE(past.other());
}

}  // namespace
}  // namespace quell::scan
