// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/check.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace quell {
namespace {

using testing::HasSubstr;

Finding finding(const std::string& id, Question question, Severity severity) {
  return {.id = id, .question = question, .severity = severity, .title = "title of " + id, .advice = "read it again"};
}

Check check(Question question, CheckState state) { return {.question = question, .state = state, .subject = "it"}; }

Report sample(std::vector<Finding> findings = {}) {
  Report report{.file = "dump.rom", .size = 0x800000};
  report.what = {"intel.dump", "full flash dump", "", {0, 0x800000}, true, FileKind::dump};
  report.layout = {"layout", "Intel flash descriptor", {0, 0x800000}, {}, {{"region", "bios", {0, 0x800000}}}};
  report.checks.push_back(check(Question::regions, CheckState::held));
  EngineReport engine{.engine = "intel-me", .title = "Intel ME"};
  engine.facts.set("manifests_valid", std::uint64_t{1});
  engine.checks.push_back(check(Question::signatures, CheckState::held));
  engine.findings = std::move(findings);
  report.engines.push_back(engine);
  return report;
}

const CheckItem& item(const std::vector<CheckItem>& items, Question question) {
  const auto found = std::ranges::find(items, question, &CheckItem::question);
  EXPECT_NE(found, items.end()) << to_string(question);
  return *found;
}

TEST(CheckItems, PassWhatWasLookedAtAndAdmitWhatWasNot) {
  const auto items = check_items(sample());
  EXPECT_EQ(item(items, Question::signatures).state, CheckItem::State::passed);
  EXPECT_EQ(item(items, Question::signatures).note, "1 signature");
  EXPECT_EQ(item(items, Question::regions).note, "1 region");
  EXPECT_EQ(item(items, Question::digests).state, CheckItem::State::unknown);
  EXPECT_EQ(item(items, Question::size).state, CheckItem::State::inapplicable);
  EXPECT_TRUE(sound(items));
}

TEST(CheckItems, PutEveryFindingUnderItsOwnQuestionWhateverItIsCalled) {
  for (const Question question : questions()) {
    const auto items = check_items(sample({finding("image.checksum.signature", question, Severity::error)}));
    EXPECT_EQ(item(items, question).state, CheckItem::State::failed) << to_string(question);
    EXPECT_EQ(std::ranges::count(items, CheckItem::State::failed, &CheckItem::state), 1) << to_string(question);
    EXPECT_FALSE(sound(items));
  }
}

TEST(CheckItems, StaySoundOnWarnings) {
  const auto items = check_items(sample({finding("intel.key.unknown", Question::signatures, Severity::warning)}));
  EXPECT_EQ(item(items, Question::signatures).state, CheckItem::State::warned);
  EXPECT_TRUE(sound(items));
}

TEST(CheckItems, CountEveryWarningAsAThingToLookAt) {
  const auto odd = [](const char* id) { return finding(id, Question::signatures, Severity::warning); };
  const Report report =
      sample({odd("one"), odd("two"), odd("three"), finding("four", Question::access, Severity::warning),
              finding("five", Question::access, Severity::info)});
  const auto items = check_items(report);
  EXPECT_EQ(things_to_look_at(items), 4U);
  EXPECT_THAT(report::to_text(report::CheckedFile{.file = "dump.rom", .report = report, .items = items}, {}),
              HasSubstr("sound, with 4 things to look at"));
}

TEST(CheckItems, CountOnlyWhatHeld) {
  Report report = sample();
  for (const CheckState state : {CheckState::held, CheckState::held, CheckState::absent, CheckState::not_checked}) {
    report.engines.front().checks.push_back(check(Question::checksums, state));
  }
  report.checks.push_back(check(Question::checksums, CheckState::held));
  EXPECT_EQ(item(check_items(report), Question::checksums).note, "3 checksums");
}

TEST(CheckItems, DoNotPassWhatIsStoredButWasNotCompared) {
  Report report = sample();
  report.engines.front().tree.children.push_back({"key-hash", "boot policy key"});
  report.engines.front().tree.children.back().attributes.set("hash", std::string("bad1ffff"));
  report.engines.front().facts.set("checksum_valid", true);
  report.engines.front().checks.push_back(check(Question::digests, CheckState::not_checked));
  const auto items = check_items(report);
  EXPECT_EQ(item(items, Question::digests).state, CheckItem::State::unknown);
  EXPECT_EQ(item(items, Question::checksums).state, CheckItem::State::unknown);
}

TEST(CheckItems, KnowNothingOfAnEngineThatCheckedNothing) {
  Report report{.file = "toy.bin", .size = 0x1000};
  report.engines.push_back({.engine = "toy", .title = "a toy"});
  for (const CheckItem& one : check_items(report)) {
    const bool its = one.question == Question::signatures || one.question == Question::checksums ||
                     one.question == Question::digests || one.question == Question::structure;
    EXPECT_EQ(one.state, its ? CheckItem::State::unknown : CheckItem::State::inapplicable) << to_string(one.question);
  }
}

report::CheckedFile checked(std::vector<Finding> findings = {}) {
  report::CheckedFile out{.file = "dump.rom", .report = sample(std::move(findings))};
  out.items = check_items(*out.report);
  return out;
}

TEST(CheckText, NamesEveryItemAndWhatToDo) {
  const std::string text =
      report::to_text(checked({finding("intel.fpt.checksum", Question::checksums, Severity::error)}), {});
  EXPECT_THAT(text, HasSubstr("FAIL    checksums are right"));
  EXPECT_THAT(text, HasSubstr("-> read it again"));
  EXPECT_THAT(text, HasSubstr("pass    signatures hold (1 signature)"));
  EXPECT_THAT(text, HasSubstr("dump.rom: not sound (1 of 10 checks failed)"));
}

TEST(CheckText, IsTheVerdictOnlyWhenQuiet) {
  EXPECT_EQ(report::to_text(checked(), {.verbosity = -1}), "dump.rom: sound\n");
}

TEST(CheckText, CallsATruncatedRegionShortenedByDesign) {
  report::CheckedFile file = checked();
  file.report->engines.front().add(EngineState::shortened);
  EXPECT_EQ(report::to_text(file, {.verbosity = -1}), "dump.rom: sound, shortened by design\n");
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
  std::vector<report::CheckedFile> files{checked({finding("image.blank", Question::blank, Severity::error)})};
  files.push_back({.file = "gone", .failure = Error{Errc::io, "no such file", {}}});
  const auto document = nlohmann::json::parse(report::check_json(files, {reads(a, Buffer(0x4000))}));
  EXPECT_EQ(document.at("command"), "check");
  EXPECT_EQ(document.at("images").at(0).at("verdict"), "not sound");
  EXPECT_EQ(document.at("images").at(0).at("checks").size(), 10U);
  const auto& facts = document.at("images").at(0).at("facts");
  ASSERT_EQ(facts.size(), document.at("images").at(0).at("engines").size());
  EXPECT_EQ(facts.at(0).at("facts").at("manifests_valid"), 1);
  EXPECT_EQ(document.at("images").at(1).at("verdict"), "not checked");
  EXPECT_EQ(document.at("reads_agree"), false);
}

}  // namespace
}  // namespace quell
