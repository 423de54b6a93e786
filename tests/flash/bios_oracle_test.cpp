// SPDX-License-Identifier: GPL-2.0-or-later
// coreboot images and microcode files, field by field against the results recorded with independent tools.
#include <map>

#include <gmock/gmock.h>

#include "support/report_json.h"

namespace quell {
namespace {

using test::Json;

// A line of `ifittool -D`, which leaves the header out and multiplies every size by 16. That is right for startup
// modules alone: the fields of both manifests hold bytes.
void compare_printed(const Json& entry, const Json& want) {
  const std::map<std::string, std::string> ours{{"BIOS ACM", "Startup ACM"}, {"Boot Policy", "Boot Policy Manifest"}};
  const std::string type = want.at("type_name");
  EXPECT_EQ(entry.at("name"), ours.contains(type) ? ours.at(type) : type);
  EXPECT_EQ(entry.at("attributes").at("address"), test::number(want.at("address")));
  EXPECT_EQ(entry.at("attributes").at("size_field").get<std::uint64_t>() * 16,
            test::number(want.at("size_as_printed")));
}

TEST(CorebootOracle, AreasFilesAndBuildFacts) {
  QUELL_NEEDS_SHARED("oracle/other/coreboot.json");
  for (const Json& item : test::oracle("coreboot")) {
    const std::string name = item.at("sample");
    SCOPED_TRACE(name);
    const Json image = test::inspect_sample(name);
    const Json& want = item.at("recorded");

    const auto areas = test::components(image, "fmap-area");
    ASSERT_EQ(areas.size(), want.at("areas").size());
    for (std::size_t i = 0; i < areas.size(); ++i) {
      const Json& area = want.at("areas").at(i);
      EXPECT_EQ(areas[i].at("name"), area.at("name"));
      EXPECT_EQ(areas[i].at("attributes").at("area_offset"), area.at("offset"));
      EXPECT_EQ(areas[i].at("attributes").at("area_size"), area.at("size"));
      EXPECT_EQ(areas[i].at("attributes").at("area_attributes"), area.at("attributes")) << area.at("name");
    }

    const auto files = test::components(image, "cbfs-file");
    ASSERT_EQ(files.size(), want.at("files").size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      const Json& file = want.at("files").at(i);
      const Json& got = files[i].at("attributes");
      EXPECT_EQ(files[i].at("name"), file.at("name"));
      EXPECT_EQ(got.at("offset_in_region"), test::number(file.at("offset_in_region")));
      // The recorded tool does not know the stage type of builds before 2021.
      EXPECT_EQ(got.at("type"), file.at("type") == "(unknown)" ? "legacy stage" : file.at("type"));
      EXPECT_EQ(got.at("content_size"), file.at("size")) << file.at("name");
      EXPECT_EQ(got.at("compression"), file.at("compression"));
    }

    const Json build = test::components(image, "coreboot").at(0).at("attributes");
    for (const char* key : {"config_sha256", "config_use_me_cleaner", "config_me_cleaner_args", "coreboot_version",
                            "revision_sha256", "build_info_sha256"}) {
      if (!want.contains(key)) continue;
      EXPECT_EQ(build.at(key), want.at(key)) << key;
    }

    const auto entries = test::components(image, "fit-entry");
    ASSERT_EQ(entries.size(), want.at("fit_raw").size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Json& raw = want.at("fit_raw").at(i);
      EXPECT_EQ(entries[i].at("attributes").at("type"), raw.at("type"));
      EXPECT_EQ(entries[i].at("attributes").at("address"), test::number(raw.at("address")));
      EXPECT_EQ(entries[i].at("attributes").at("size_field"), raw.at("size_field"));
      EXPECT_EQ(entries[i].at("attributes").at("version"), test::number(raw.at("version")));
      EXPECT_EQ(entries[i].at("attributes").at("has_checksum"), raw.at("checksum_valid"));
      EXPECT_EQ(entries[i].at("attributes").at("checksum"), raw.at("checksum"));
    }
    for (std::size_t i = 0; i < want.at("fit").size(); ++i) compare_printed(entries.at(i + 1), want.at("fit").at(i));
  }
}

TEST(CorebootOracle, RecognisesHeads) {
  QUELL_NEEDS_SHARED("corpus/uefi/coreboot-mecleaner-cbnt.rom");
  const Json image = test::inspect_sample("uefi/coreboot-mecleaner-cbnt.rom");
  EXPECT_EQ(test::components(image, "coreboot").at(0).at("attributes").at("distribution"), "Heads");
  EXPECT_FALSE(test::finding(image, "coreboot.me-cleaner").is_null());
}

TEST(MicrocodeOracle, OneLineAProcessor) {
  QUELL_NEEDS_SHARED("oracle/other/microcode.json");
  for (const Json& item : test::oracle("microcode")) {
    const std::string name = item.at("sample");
    SCOPED_TRACE(name);
    const auto updates = test::components(test::inspect_sample(name), "microcode");
    ASSERT_EQ(updates.size(), 1U);
    const Json& got = updates.front().at("attributes");
    std::vector<std::string> signatures = got.at("processor_signatures");
    ASSERT_EQ(signatures.size(), item.at("recorded").size());
    for (const Json& line : item.at("recorded")) {
      EXPECT_THAT(signatures, ::testing::Contains(line.at("processor_signature").get<std::string>()));
      EXPECT_EQ(got.at("platform_mask"), test::number(line.at("platform_mask")));
      EXPECT_EQ(got.at("date"), line.at("date"));
      EXPECT_EQ(got.at("revision"), test::number(line.at("revision")));
      EXPECT_EQ(got.at("total_size"), line.at("size"));
    }
    EXPECT_EQ(got.at("checksum_valid"), true);
  }
}

}  // namespace
}  // namespace quell
