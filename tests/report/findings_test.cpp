// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever is found, in sound images, damaged ones and real ones, is as data/findings.csv says.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/split.h"
#include "base/table.h"
#include "data/findings.h"
#include "quell/mapped_file.h"
#include "quell/survey/check.h"
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

// Whoever reads the findings alone misses no check that failed.
void expect_findings(const std::vector<Check>& checks, const std::vector<Finding>& findings, const std::string& where) {
  for (const Check& check : checks) {
    EXPECT_FALSE(check.subject.empty()) << where;
    EXPECT_EQ(check.reason.empty(), check.state == CheckState::held) << where << ": " << check.subject;
    if (check.state != CheckState::failed) continue;
    EXPECT_TRUE(std::ranges::any_of(findings, [&](const Finding& f) { return f.question == check.question; }))
        << where << ": " << check.node << " " << check.subject << ": " << check.reason;
  }
}

void expect_rows(const std::string& name, ByteView bytes) {
  Image image(name, bytes);
  const auto report = examine(image, Depth::everything);
  if (!report) return;
  for (const Finding& finding : report->findings) expect_row(finding, name);
  expect_findings(report->checks, report->findings, name);
  for (const EngineReport& engine : report->engines) {
    for (const Finding& finding : engine.findings) expect_row(finding, name);
    expect_findings(engine.checks, engine.findings, name + " " + engine.engine);
  }
}

std::string note_of(Image& image, Question question) {
  const auto report = examine(image, Depth::everything);
  if (!report) return "not recognised";
  const auto items = check_items(*report);
  return std::ranges::find(items, question, &CheckItem::question)->note;
}

// The entries of a FIT say with a bit whether they have a checksum; only the header's is one.
TEST(Checks, CountNoFlagOfTheFirmwareTableAsAChecksum) {
  const Buffer bytes = specimen::bios_region(specimen::BootGuardFlavour::v1);
  Image image("bios.rom", ByteView(bytes));
  const auto report = examine(image, Depth::everything);
  ASSERT_TRUE(report.has_value());
  for (const EngineReport& engine : report->engines) {
    for (const Check& check : engine.checks) {
      if (check.question == Question::checksums) {
        EXPECT_NE(check.subject, "FIT entry");
      }
    }
    const auto of_fit = std::ranges::count(engine.checks, std::string("FIT checksum"), &Check::subject);
    if (engine.engine == "intel-boot-guard") {
      EXPECT_EQ(of_fit, 1);
    }
  }
}

// Of two volumes, of the headers of two firmware files, of the FIT and of its microcode.
TEST(Checks, CountTheChecksumsOfARealImage) {
  QUELL_NEEDS_SHARED("corpus/bootguard/image-bg-v1.fd");
  const auto file = MappedFile::open(test::shared("corpus/bootguard/image-bg-v1.fd"));
  ASSERT_TRUE(file.has_value());
  Image image("image-bg-v1.fd", file->view());
  EXPECT_EQ(note_of(image, Question::checksums), "6 checksums");
}

// A stored digest that nothing was compared with is no verdict, whatever its digits spell.
TEST(Checks, DoNotPassADigestThatWasNotCompared) {
  const Buffer bios = specimen::bios_region(specimen::BootGuardFlavour::v1);
  const auto at = ByteView(bios).find(as_bytes("__KEYM__"));
  ASSERT_TRUE(at.has_value());
  Buffer manifest(bios.begin() + static_cast<std::ptrdiff_t>(*at), bios.end());
  manifest.resize(0x400);
  manifest[0x10] = std::byte{0xBA};
  manifest[0x11] = std::byte{0xD1};
  Image image("km.bin", ByteView(manifest));
  const auto report = examine(image, Depth::everything);
  ASSERT_TRUE(report.has_value());
  const auto items = check_items(*report);
  EXPECT_EQ(std::ranges::find(items, Question::digests, &CheckItem::question)->state, CheckItem::State::unknown);
}

TEST(Findings, OfSpecimensAreThoseOfTheTable) {
  for (const auto& [name, bytes] : test::specimens()) expect_rows(name, ByteView(bytes));
}

TEST(Findings, OfDamagedSpecimensAreThoseOfTheTable) {
  for (auto [name, bytes] : test::specimens()) {
    for (const std::size_t part : {2U, 3U, 5U})
      expect_rows(name + " cut", ByteView(bytes).clip({0, bytes.size() / part}));
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
