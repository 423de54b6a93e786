// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever is found, in sound images, damaged ones and real ones, is as data/findings.csv says.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/split.h"
#include "base/table.h"
#include "data/findings.h"
#include "quell/mapped_file.h"
#include "quell/survey/report.h"
#include "support/shared.h"
#include "support/specimens.h"

namespace quell {
namespace {

void expect_row(const Finding& finding, const std::string& where) {
  static const Table table(data::findings);
  const auto row = table.find("id", finding.id);
  ASSERT_TRUE(row.has_value()) << where << ": " << finding.id;
  EXPECT_EQ(parse_question((*row)["question"]), finding.question) << where << ": " << finding.id;
  const auto severities = words_of((*row)["severity"], ';');
  EXPECT_NE(std::ranges::find(severities, to_string(finding.severity)), severities.end())
      << where << ": " << finding.id << " is " << to_string(finding.severity);
}

void expect_rows(const std::string& name, ByteView bytes) {
  Image image(name, bytes);
  const auto report = examine(image, Depth::everything);
  if (!report) return;
  for (const Finding& finding : report->findings) expect_row(finding, name);
  for (const EngineReport& engine : report->engines) {
    for (const Finding& finding : engine.findings) expect_row(finding, name);
  }
}

TEST(Findings, OfSpecimensAreThoseOfTheTable) {
  for (const auto& [name, bytes] : test::specimens()) expect_rows(name, ByteView(bytes));
}

TEST(Findings, OfDamagedSpecimensAreThoseOfTheTable) {
  for (auto [name, bytes] : test::specimens()) {
    for (const std::size_t part : {2, 3, 5}) expect_rows(name + " cut", ByteView(bytes).clip({0, bytes.size() / part}));
    for (std::size_t at = 0x11; at < bytes.size(); at += bytes.size() / 64 + 1) bytes[at] ^= std::byte{0x10};
    expect_rows(name + " damaged", ByteView(bytes));
  }
}

TEST(Findings, OfRealImagesAreThoseOfTheTable) {
  QUELL_NEEDS_SHARED("corpus/MANIFEST.json");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::shared("corpus"))) {
    if (!entry.is_regular_file()) continue;
    const auto file = MappedFile::open(entry.path().string());
    ASSERT_TRUE(file.has_value()) << entry.path();
    expect_rows(entry.path().filename().string(), file->view());
  }
}

}  // namespace
}  // namespace quell
