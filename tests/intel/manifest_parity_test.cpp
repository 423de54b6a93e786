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

// What the images themselves do not say: nothing in ME 2 tells whether an image has been used, and the manifests of
// generation 2 have no bit that goes with the recorded readiness (TXE 1 and TXE 2 have the same flags, and other words
// were recorded).
bool not_in_the_image(const std::string& file, const std::string& field, const std::string& recorded) {
  const std::set<std::string> used_or_not{"me-2.0.2.1114-qst-rgn.bin", "me-2.2.20.1041-amt-extr.bin"};
  const std::set<std::string> ready_or_not{"me-10.0.35.1012-1.5mb-rgn.bin",
                                           "me-10.0.35.1012-slm-extr.bin",
                                           "me-8.1.0.1248-1.5mb-rgn.bin",
                                           "me-8.1.0.1191-1.5mb-extr.bin",
                                           "me-9.0.20.1447-1.5mb-rgn.bin",
                                           "me-9.1.1.1000-1.5mb-extr.bin",
                                           "me-9.5.30.1808-1.5mb-rgn.bin",
                                           "me-9.5.4.1856-slm-extr.bin",
                                           "minnowmax-txe-sb.bin",
                                           "facebook-fbg1701-me.bin",
                                           "link-me.bin",
                                           "bsw-me.bin",
                                           "hsw-box-me.bin",
                                           "bdw-box-me.bin"};
  if (field == "Type" && used_or_not.contains(file)) return true;
  if (field == "Production Ready" && ready_or_not.contains(file)) return true;
  return recorded == "Unknown";
}

// The head of this update was made a day after the code in it, whose date was recorded.
bool is_date_of_the_code(const std::string& file, const std::string& recorded, const std::string& reported) {
  return file == "me-2.1.3.1031-amt-upd.bin" && recorded == "2007-01-18" && reported == "2007-01-19";
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
    if (is_date_of_the_code(file, want, reported)) continue;
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
  EXPECT_EQ(count.compared, 313U);
  EXPECT_EQ(count.unknown, 17U);
}

}  // namespace
}  // namespace quell::intel
