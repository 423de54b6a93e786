// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/report/check.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace quell {
namespace {

using testing::HasSubstr;

Finding finding(const std::string& id, Severity severity) {
  return {.id = id, .severity = severity, .title = "title of " + id, .advice = "read it again"};
}

Report sample(std::vector<Finding> findings = {}) {
  Report report{.file = "dump.rom", .size = 0x800000};
  report.what = {"intel.dump", "full flash dump", "", {0, 0x800000}, true, FileKind::dump};
  report.layout = {"layout", "Intel flash descriptor", {0, 0x800000}, {}, {{"region", "bios", {0, 0x800000}}}};
  EngineReport engine{.engine = "intel", .title = "Intel ME"};
  engine.facts.set("manifests_valid", std::uint64_t{1});
  engine.tree.children.push_back({"manifest", "FTPR"});
  engine.tree.children.back().attributes.set("signature", std::string("valid"));
  engine.findings = std::move(findings);
  report.engines.push_back(engine);
  return report;
}

const CheckItem& item(const std::vector<CheckItem>& items, std::string_view id) {
  const auto found = std::ranges::find(items, id, &CheckItem::id);
  EXPECT_NE(found, items.end()) << id;
  return *found;
}

TEST(CheckItems, PassWhatWasLookedAtAndAdmitWhatWasNot) {
  const auto items = check_items(sample());
  EXPECT_EQ(item(items, "signatures").state, CheckItem::State::passed);
  EXPECT_EQ(item(items, "signatures").note, "1 signature");
  EXPECT_EQ(item(items, "hashes").state, CheckItem::State::unknown);
  EXPECT_TRUE(sound(items));
}

TEST(CheckItems, PutEveryFindingUnderOneQuestion) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"image.size", "size"},
      {"image.cut-short", "size"},
      {"image.blank", "blank"},
      {"image.repeated", "repeated"},
      {"flash.region.beyond-file", "regions"},
      {"flash.descriptor.damaged", "descriptor"},
      {"intel.signature.invalid", "signatures"},
      {"intel.bootguard.acm.signature-bad", "signatures"},
      {"intel.fpt.checksum", "checksums"},
      {"intel.module.digest-mismatch", "hashes"},
      {"intel.partition.beyond-region", "structure"},
      {"something.nobody.thought-of", "structure"},
  };
  for (const auto& [id, expected] : cases) {
    const auto items = check_items(sample({finding(id, Severity::error)}));
    EXPECT_EQ(item(items, expected).state, CheckItem::State::failed) << id;
    EXPECT_EQ(std::ranges::count(items, CheckItem::State::failed, &CheckItem::state), 1) << id;
    EXPECT_FALSE(sound(items));
  }
}

TEST(CheckItems, StaySoundOnWarnings) {
  const auto items = check_items(sample({finding("intel.key.unknown", Severity::warning)}));
  EXPECT_EQ(item(items, "signatures").state, CheckItem::State::warned);
  EXPECT_TRUE(sound(items));
}

TEST(CheckItems, CountChecksumsOfTheLayoutToo) {
  Report report = sample();
  report.layout.children.front().attributes.set("checksum_valid", true);
  const auto items = check_items(report);
  EXPECT_EQ(item(items, "checksums").state, CheckItem::State::passed);
  EXPECT_EQ(item(items, "checksums").note, "1 checksum");
}

TEST(CheckItems, CountWhatAnEngineSaysInItsFactsAlone) {
  Report report = sample();
  report.engines.front().tree.children.clear();
  report.engines.front().facts.set("bootconf_signature_valid", true);
  report.engines.front().facts.set("hashes_match", true);
  report.engines.front().facts.set("manifest_signature", std::string("not checked"));
  const auto items = check_items(report);
  EXPECT_EQ(item(items, "signatures").note, "1 signature");
  EXPECT_EQ(item(items, "hashes").note, "1 digest");
  EXPECT_EQ(item(items, "checksums").state, CheckItem::State::unknown);
}

report::CheckedFile checked(std::vector<Finding> findings = {}) {
  report::CheckedFile out{.file = "dump.rom", .report = sample(std::move(findings))};
  out.items = check_items(*out.report);
  return out;
}

TEST(CheckText, NamesEveryItemAndWhatToDo) {
  const std::string text = report::to_text(checked({finding("intel.fpt.checksum", Severity::error)}), {});
  EXPECT_THAT(text, HasSubstr("FAIL    checksums are right"));
  EXPECT_THAT(text, HasSubstr("-> read it again"));
  EXPECT_THAT(text, HasSubstr("pass    signatures hold (1 signature)"));
  EXPECT_THAT(text, HasSubstr("dump.rom: not sound (1 of 9 checks failed)"));
}

TEST(CheckText, IsTheVerdictOnlyWhenQuiet) {
  EXPECT_EQ(report::to_text(checked(), {.verbosity = -1}), "dump.rom: sound\n");
}

TEST(CheckText, CallsATruncatedRegionShortenedByDesign) {
  EXPECT_EQ(report::to_text(checked({finding("intel.region.shortened", Severity::info)}), {.verbosity = -1}),
            "dump.rom: sound, shortened by design\n");
}

report::ReadDifference reads(Buffer a, Buffer b) {
  Report report{.file = "a"};
  report.layout.children.push_back({"region", "me", {0x100, 0x1000}});
  return {"a", "b", a.size(), b.size(), compare_regions(report, ByteView(a), ByteView(b))};
}

TEST(CompareReads, AgreeWhenTheyDo) {
  const Buffer a(0x4000, std::byte{1});
  EXPECT_TRUE(reads(a, a).agree());
  EXPECT_THAT(report::to_text(std::vector{reads(a, a)}, {}), HasSubstr("all reads agree"));
}

TEST(CompareReads, SayWhereTheyDiffer) {
  const Buffer a(0x4000, std::byte{1});
  Buffer b = a;
  b[0x180] = std::byte{3};
  b[0x200] = b[0x201] = std::byte{0};
  b[0x2000] = std::byte{0};
  const auto result = reads(a, b);
  ASSERT_EQ(result.parts.size(), 2U);
  EXPECT_EQ(result.parts[0].path, "me");
  EXPECT_EQ(result.parts[0].bytes, 3U);
  EXPECT_EQ(result.parts[0].runs, 2U);
  EXPECT_EQ(result.parts[0].first.at(1), (Range{0x200, 2}));
  EXPECT_EQ(result.parts[1].path, "");
  EXPECT_THAT(report::to_text(std::vector{result}, {}), HasSubstr("the reads do not agree"));
}

TEST(CompareReads, NameTheLikelyCause) {
  const Buffer a(0x20000, std::byte{0x5A});
  Buffer moved = a;
  std::fill(moved.begin() + 0x10000, moved.end(), std::byte{0xFF});
  EXPECT_THAT(likely_cause(reads(a, moved)), HasSubstr("clip moved"));
  Buffer level = a;
  for (std::size_t i = 0; i < 100; ++i) level[i * 1000] = std::byte{0x58};
  EXPECT_THAT(likely_cause(reads(a, level)), HasSubstr("one direction"));
  Buffer scattered = a;
  for (std::size_t i = 0; i < 100; ++i)
    scattered[i * 1000] ^= std::byte{i % 2 == 0 ? std::uint8_t{1} : std::uint8_t{2}};
  EXPECT_THAT(likely_cause(reads(a, scattered)), HasSubstr("scattered"));
  EXPECT_THAT(likely_cause(reads(a, Buffer(a.begin(), a.begin() + 0x8000))), HasSubstr("cut short"));
  EXPECT_THAT(likely_cause(reads(a, Buffer(0x20000, std::byte{0xC3}))), HasSubstr("not the same chip"));
}

TEST(CheckJson, HoldsVerdictsItemsAndReads) {
  const Buffer a(0x4000, std::byte{1});
  std::vector<report::CheckedFile> files{checked({finding("image.blank", Severity::error)})};
  files.push_back({.file = "gone", .failure = Error{Errc::io, "no such file", {}}});
  const auto document = nlohmann::json::parse(report::check_json(files, {reads(a, Buffer(0x4000))}));
  EXPECT_EQ(document.at("command"), "check");
  EXPECT_EQ(document.at("images").at(0).at("verdict"), "not sound");
  EXPECT_EQ(document.at("images").at(0).at("checks").size(), 9U);
  const auto& facts = document.at("images").at(0).at("facts");
  ASSERT_EQ(facts.size(), document.at("images").at(0).at("engines").size());
  EXPECT_EQ(facts.at(0).at("facts").at("manifests_valid"), 1);
  EXPECT_EQ(document.at("images").at(1).at("verdict"), "not checked");
  EXPECT_EQ(document.at("reads_agree"), false);
}

}  // namespace
}  // namespace quell
