// SPDX-License-Identifier: GPL-2.0-or-later
// What the Intel engine says of real firmware of every generation, field by field, against what an independent analyser
// recorded of it.
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quell/mapped_file.h"
#include "quell/survey/report.h"
#include "support/shared.h"

namespace quell::intel {
namespace {

using Json = nlohmann::json;

struct Field {
  const char* recorded;
  const char* fact;
};
constexpr Field fields[] = {{"Family", "family"},
                            {"Version", "version"},
                            {"SKU", "sku"},
                            {"Release", "release"},
                            {"Type", "type"},
                            {"Chipset", "chipset"},
                            {"File System State", "file_system"},
                            {"Date", "date"},
                            {"TCB Security Version Number", "security_version"},
                            {"Version Control Number", "version_control_number"},
                            {"Production Ready", "production_ready"}};

// What the images themselves do not say: nothing in ME 2 tells whether an image has been used.
bool not_in_the_image(const std::string& file, const std::string& field, const std::string& recorded) {
  const std::set<std::string> used_or_not{"me-2.0.2.1114-qst-rgn.bin", "me-2.2.20.1041-amt-extr.bin"};
  if (field == "Type" && used_or_not.contains(file)) return true;
  return recorded == "Unknown";
}

std::string text_of(const Value* fact) {
  if (fact == nullptr || std::holds_alternative<Unknown>(*fact)) return "unknown";
  if (const auto* text = std::get_if<std::string>(fact)) return *text;
  if (const auto* number = std::get_if<std::uint64_t>(fact)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(fact)) return *flag ? "Yes" : "No";
  return "a list";
}

struct Count {
  std::size_t compared = 0, unknown = 0;
};

void compare(const std::string& file, const Json& recorded, const EngineReport& engine, Count& count) {
  for (const Field& field : fields) {
    if (!recorded.contains(field.recorded)) continue;
    const std::string want = recorded[field.recorded];
    const std::string reported = text_of(engine.facts.find(field.fact));
    const bool absent = not_in_the_image(file, field.recorded, want);
    ++(absent ? count.unknown : count.compared);
    EXPECT_EQ(reported, absent ? "unknown" : want) << field.recorded;
  }
}

TEST(ManifestParity, EveryRecordedFieldIsReproduced) {
  QUELL_NEEDS_SHARED("corpus/MANIFEST.json");
  const Json list = Json::parse(std::ifstream(test::shared("corpus/MANIFEST.json")));
  Count count;
  for (const Json& entry : list) {
    const std::string path = entry["file"];
    if (!path.starts_with("intel/") || !entry.contains("recorded")) continue;
    SCOPED_TRACE(path);
    const auto file = MappedFile::open(test::shared("corpus") / path);
    ASSERT_TRUE(file.has_value());
    Image image(path, file->view());
    const auto report = examine(image, Depth::everything);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    const auto engine = std::ranges::find(report->engines, "intel-me", &EngineReport::engine);
    ASSERT_NE(engine, report->engines.end());
    compare(path.substr(6), entry["recorded"], *engine, count);
    for (const Finding& finding : engine->findings) {
      const bool known = path.ends_with("me-14.0.11.1205-con-lp-extr.bin") && finding.id == "intel.fpt.checksum";
      EXPECT_TRUE(finding.severity < Severity::error || known) << finding.id << ": " << finding.title;
    }
  }
  EXPECT_EQ(count.compared, 327U);
  EXPECT_EQ(count.unknown, 3U);
}

}  // namespace
}  // namespace quell::intel
