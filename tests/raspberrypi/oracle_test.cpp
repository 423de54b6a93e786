// SPDX-License-Identifier: GPL-2.0-or-later
// Every field of the recorded results: sections, files, settings, signature blocks, digests of unpacked content.
#include <gmock/gmock.h>

#include "support/report_json.h"

namespace quell {
namespace {

using test::Json;

void compare_sections(const std::vector<Json>& got, const Json& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Json& section = want.at(i);
    const Json& a = got[i].at("attributes");
    SCOPED_TRACE(section.dump());
    EXPECT_EQ(got[i].at("offset"), section.at("offset"));
    EXPECT_EQ(a.at("length"), section.at("length"));
    EXPECT_EQ(a.at("magic"), test::number(section.at("magic")));
    if (!section.at("name").is_null()) {
      EXPECT_EQ(got[i].at("name"), section.at("name"));
    }
    if (section.contains("decompressed_size")) {
      EXPECT_EQ(a.at("decompressed_size"), section.at("decompressed_size"));
      EXPECT_EQ(a.at("sha256_matches_trailer"), section.at("sha256_matches_trailer"));
    }
  }
}

void compare_files(const std::vector<Json>& sections, const Json& want) {
  for (const auto& [name, file] : want.items()) {
    SCOPED_TRACE(name);
    const auto found =
        std::ranges::find_if(sections, [&wanted = name](const Json& s) { return s.at("name") == wanted; });
    ASSERT_NE(found, sections.end());
    const Json& a = found->at("attributes");
    EXPECT_EQ(a.at("content_size"), file.at("size"));
    EXPECT_EQ(a.at("content_sha256"), file.at("sha256"));
    EXPECT_EQ(a.at("blank"), file.at("blank"));
  }
}

void compare_signatures(const Json& bootcode, const Json& want) {
  std::vector<Json> got;
  test::collect_into(bootcode, "stage-signature", got);
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Json& a = got[i].at("attributes");
    EXPECT_EQ(a.at("owner"), want.at(i).at("kind"));
    EXPECT_EQ(a.at("length"), want.at(i).at("length"));
    EXPECT_EQ(a.at("keynum"), want.at(i).at("keynum"));
    EXPECT_EQ(a.at("version"), want.at(i).at("version"));
    if (want.at(i).contains("valid")) {
      EXPECT_EQ(a.at("signature"), want.at(i).at("valid").get<bool>() ? "valid" : "invalid");
      EXPECT_EQ(a.at("public_key_sha256"), want.at(i).at("public_key_sha256"));
    }
  }
}

TEST(RaspberryPiOracle, EveryFieldOfEverySample) {
  QUELL_NEEDS_SHARED("oracle/other/raspberrypi.json");
  for (const Json& item : test::oracle("raspberrypi")) {
    const std::string name = item.at("sample");
    SCOPED_TRACE(name);
    const Json& want = item.at("recorded");
    const Json image = test::inspect_sample(name);
    const Json report = test::engine(image, "raspberry-pi");
    ASSERT_FALSE(report.is_null());
    const auto sections = test::components(image, "eeprom-section");
    compare_sections(sections, want.at("sections"));
    compare_files(sections, want.at("files"));
    compare_signatures(sections.at(0), want.at("bootcode_signatures"));

    const Json& facts = report.at("facts");
    std::string config;
    for (const Json& line : facts.at("config")) config += line.get<std::string>() + "\n";
    EXPECT_EQ(config, want.at("config"));
    EXPECT_EQ(facts.at("build_timestamp"), want.at("build_timestamp_raw"));
    if (want.contains("bootmain")) {
      EXPECT_EQ(facts.at("version"), want.at("bootmain").at("version"));
      EXPECT_EQ(facts.at("build_timestamp"), want.at("bootmain").at("build_timestamp"));
      EXPECT_EQ(facts.at("date"), want.at("bootmain").at("date"));
      EXPECT_EQ(facts.at("version_from_bootmain"), true);
    }
    EXPECT_EQ(facts.value("customer_key_sha256", Json()), want.at("customer_key_sha256"));
    EXPECT_EQ(facts.value("signed_boot_setting", Json()), want.at("signed_boot_setting"));
    if (want.contains("bootconf_signature_valid")) {
      EXPECT_EQ(facts.at("bootconf_signature_valid"), want.at("bootconf_signature_valid"));
    }
    EXPECT_FALSE(test::finding(image, "raspberrypi.no-management-engine").is_null());
    EXPECT_EQ(facts.at("management_engine"), "none");
  }
}

}  // namespace
}  // namespace quell
