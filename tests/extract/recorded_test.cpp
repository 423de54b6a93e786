// SPDX-License-Identifier: GPL-2.0-or-later
// What `quell extract` writes for real images: every part whose digest was recorded with another tool, and for every
// image the whole of it again from the recorded ranges.
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "quell/digest.h"
#include "support/program.h"
#include "support/report_json.h"
#include "support/shared.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using test::Json;

constexpr int not_recognised = 3;

// One extraction in a folder of its own.
class Extracted {
 public:
  explicit Extracted(const fs::path& image)
      : folder_(fs::temp_directory_path() / fmt::format("quell-recorded-{}", ::getpid())) {
    fs::remove_all(folder_);
    outcome = test::run_program(QUELL_PROGRAM, {"extract", image.string(), "-d", folder_.string()});
    if (outcome.status == 0) index = Json::parse(test::file_text((folder_ / "index.json").string()));
  }
  Extracted(const Extracted&) = delete;
  Extracted& operator=(const Extracted&) = delete;
  ~Extracted() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string bytes_of(const Json& artifact) const {
    return test::file_text((folder_ / artifact.at("path").get<std::string>()).string());
  }
  [[nodiscard]] std::multiset<std::string> digests() const {
    std::multiset<std::string> out;
    for (const Json& artifact : index.at("artifacts")) {
      if (!artifact.at("path").is_null()) out.insert(to_hex(sha256(as_bytes(bytes_of(artifact)))));
    }
    return out;
  }

  test::Outcome outcome{};
  Json index{};

 private:
  fs::path folder_;
};

void add_texts(const Json& node, std::string_view key, std::vector<std::string>& out) {
  if (node.is_object() && node.contains(key) && node.at(std::string(key)).is_string()) {
    out.push_back(node.at(std::string(key)));
  }
  for (const Json& child : node) {
    if (child.is_structured()) add_texts(child, key, out);
  }
}

TEST(ExtractRecorded, HasEveryPartWithItsDigest) {
  QUELL_NEEDS_SHARED("oracle/other");
  std::size_t compared = 0;
  for (const auto& [oracle, part] : {std::pair{"fip", "entries"}, {"raspberrypi", "files"}}) {
    for (const Json& item : test::oracle(oracle)) {
      const std::string name = item.at("sample");
      SCOPED_TRACE(name);
      const Extracted extracted(test::shared("corpus/" + name));
      ASSERT_EQ(extracted.outcome.status, 0) << extracted.outcome.error;
      const auto digests = extracted.digests();
      std::vector<std::string> wanted;
      add_texts(item.at("recorded").at(part), "sha256", wanted);
      for (const std::string& digest : wanted) {
        EXPECT_TRUE(digests.contains(digest)) << digest;
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, 44U);
}

TEST(ExtractRecorded, PutTogetherByTheRangesGivesTheImageAgain) {
  QUELL_NEEDS_SHARED("corpus");
  std::size_t images = 0;
  for (const fs::path& path : test::corpus_images()) {
    SCOPED_TRACE(path.string());
    const Extracted extracted(path);
    if (extracted.outcome.status == not_recognised) continue;
    ASSERT_EQ(extracted.outcome.status, 0) << extracted.outcome.error;
    std::string again(extracted.index.at("image").at("size").get<std::size_t>(), '\x5A');
    std::string written(again.size(), '\0');
    for (const Json& artifact : extracted.index.at("artifacts")) {
      if (!artifact.at("stored").get<bool>()) continue;
      const std::size_t offset = artifact.at("range").at("offset");
      const std::size_t size = artifact.at("range").at("size");
      const std::string piece =
          artifact.at("kind") == "blank"
              ? std::string(size, static_cast<char>(artifact.at("attributes").at("fill").get<int>()))
              : extracted.bytes_of(artifact);
      ASSERT_EQ(piece.size(), size) << artifact;
      again.replace(offset, size, piece);
      written.replace(offset, size, std::string(size, '\1'));
    }
    EXPECT_EQ(written.find('\0'), std::string::npos) << "a byte of the image is in no piece";
    EXPECT_TRUE(again == test::file_text(path.string()));
    ++images;
  }
  EXPECT_GE(images, 120U);
}

}  // namespace
}  // namespace quell
