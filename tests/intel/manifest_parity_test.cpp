// SPDX-License-Identifier: GPL-2.0-or-later
// What the Intel engine says of real firmware of every generation, field by field, against what an independent analyser
// recorded of it.
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quell/mapped_file.h"
#include "quell/report.h"
#include "support/shared.h"

namespace quell::intel {
namespace {

using Json = nlohmann::json;

// Recorded field, our fact, and files that cannot be told by anything known: nothing in ME 2 and 3 says whether an
// image has been used, and the recorded marks of TXE 1 models stand in no field.
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
                            {"File System State", "file_system"}};

bool compatible(const std::string& field, const std::string& recorded, const Value* fact) {
  if (fact == nullptr || std::holds_alternative<Unknown>(*fact)) {
    // Not known to us where the analyser did not know either, or had what is not in the file.
    return recorded == "Unknown" || field == "Type";
  }
  const auto* text = std::get_if<std::string>(fact);
  if (text == nullptr) return false;
  return field == "SKU" ? recorded.starts_with(*text) : *text == recorded;
}

TEST(ManifestParity, EveryRecordedFieldIsReproduced) {
  QUELL_NEEDS_SHARED("corpus/MANIFEST.json");
  const Json list = Json::parse(std::ifstream(test::shared("corpus/MANIFEST.json")));
  const std::set<std::string> type_not_known{"me-2.0.2.1114-qst-rgn.bin", "me-2.2.20.1041-amt-extr.bin",
                                             "me-3.2.1.1022-qst-extr.bin"};
  std::size_t compared = 0;
  for (const Json& entry : list.is_array() ? list : list["files"]) {
    const std::string path = entry["file"];
    if (!path.starts_with("intel/") || !entry.contains("recorded")) continue;
    SCOPED_TRACE(path);
    const auto file = MappedFile::open(test::shared("corpus") / path);
    ASSERT_TRUE(file.has_value());
    Image image(path, file->view());
    const auto report = examine(image, Depth::everything);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    const auto engine = std::ranges::find(report->engines, "intel", &EngineReport::engine);
    ASSERT_NE(engine, report->engines.end());
    for (const Field& field : fields) {
      if (!entry["recorded"].contains(field.recorded)) continue;
      const std::string recorded = entry["recorded"][field.recorded];
      const Value* fact = engine->facts.find(field.fact);
      if (std::string(field.recorded) == "Type" && type_not_known.contains(path.substr(6))) {
        EXPECT_TRUE(fact == nullptr || std::holds_alternative<Unknown>(*fact)) << "now known: drop it from the list";
        continue;
      }
      ++compared;
      EXPECT_TRUE(compatible(field.recorded, recorded, fact) &&
                  (std::string(field.recorded) != "Type" || (fact && std::holds_alternative<std::string>(*fact))))
          << field.recorded << ": recorded " << recorded << ", reported "
          << (fact != nullptr && std::holds_alternative<std::string>(*fact) ? std::get<std::string>(*fact) : "unknown");
    }
    for (const Finding& finding : engine->findings) {
      const bool known = path.ends_with("me-14.0.11.1205-con-lp-extr.bin") && finding.id == "intel.fpt.checksum";
      EXPECT_TRUE(finding.severity < Severity::error || known) << finding.id << ": " << finding.title;
    }
  }
  EXPECT_GT(compared, 180U);
}

}  // namespace
}  // namespace quell::intel
