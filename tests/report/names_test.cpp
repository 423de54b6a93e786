// SPDX-License-Identifier: GPL-2.0-or-later
// What documents call things: one anchor for every component, nodes for unused space, costs as fields of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quell/survey/compare.h"
#include "report/document_json.h"
#include "report/documents.h"
#include "report/page/labels.h"
#include "report/plan.h"
#include "report/space.h"
#include "survey/trees.h"

namespace quell {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t size = 0x10000;

// Two engines of a kind in one region each, with two parts of one name in the first.
Report sample() {
  Report report{.file = "image", .size = size};
  report.what.body = {0, size};
  report.layout = {"layout", "descriptor", {0, size}};
  report.layout.children = {
      {"region", "fd", {0, 0x1000}}, {"region", "me", {0x1000, 0x4000}}, {"region", "bios", {0x8000, 0x4000}}};
  EngineReport first{.engine = "intel-me"};
  first.tree = {"me-region", "ME region", {0x1000, 0x4000}};
  first.tree.children = {{"partition", "FTPR", {0x2000, 0x1000}}, {"partition", "FTPR", {0x3000, 0x1000}}};
  EngineReport second{.engine = "intel-me"};
  second.tree = {"me-region", "ME region", {0x8000, 0x4000}};
  second.tree.children = {{"partition", "NFTP", {0x9000, 0x1000}}};
  report.engines = {first, second};
  return report;
}

Json json_of(doc::Section body) { return Json::parse(report::to_json(doc::Document{"test", std::move(body)})); }

TEST(Anchors, NameTheSmallestComponentInTheTreeThatKnowsIt) {
  const Report report = sample();
  AnchorFinder finder(report);
  struct Case {
    Range range;
    const char* anchor;
  };
  for (const Case& c :
       {Case{{0x2100, 4}, "intel-me/FTPR"}, Case{{0x3100, 4}, "intel-me/FTPR#2"}, Case{{0x9000, 1}, "intel-me-2/NFTP"},
        Case{{0x1100, 4}, "layout/me"}, Case{{0x2F00, 0x200}, "layout/me"}, Case{{0, 0x2000}, "layout/"}}) {
    EXPECT_EQ(finder.anchor_of(c.range), c.anchor);
  }
}

TEST(Anchors, OfDifferencesLeadIntoTheTreesOfBothImages) {
  const Report before = sample();
  Report after = sample();
  auto& parts = after.engines[0].tree.children;
  parts.insert(parts.begin(), {"partition", "MFS", {0x4000, 0x800}});
  after.engines[1].tree.children[0].range.offset = 0xA000;
  Buffer a(size, std::byte{0x33});
  Buffer b = a;
  b[0x10] = b[0x3100] = b[0xC100] = std::byte{0};
  const Comparison found = compare(before, ByteView(a), after, ByteView(b));
  std::vector<std::string> named;
  for (const PartDifference& part : found.parts) named.push_back(part.anchor + " " + part.anchor_after);
  EXPECT_THAT(named, ElementsAre("layout/fd layout/fd", "intel-me/FTPR#2 intel-me/FTPR#2", " "));
  named.clear();
  for (const StructureDifference& one : found.structure) named.push_back(one.anchor + " " + one.anchor_after);
  EXPECT_THAT(named, ElementsAre(" intel-me/MFS", "intel-me-2/NFTP intel-me-2/NFTP"));
  const Json json = json_of(report::document_of(before, after, found).body);
  EXPECT_EQ(json["parts"][1]["anchor"], "intel-me/FTPR#2");
  EXPECT_FALSE(json["parts"][2].contains("anchor"));
  EXPECT_FALSE(json["structure"][0].contains("anchor"));
  EXPECT_EQ(json["structure"][0]["anchor_after"], "intel-me/MFS");
}

TEST(Space, IsNodesBesideThoseOfTheLayout) {
  Report report = sample();
  report.layout.children.push_back({"region", "unused", {0xF000, 0x1000}});
  report.layout.children.push_back({"region", "pd", {0xB000, 0x2000}});
  // A map's areas lie behind it, and an engine knows more than the layout.
  report.layout.children[0].children = {{"area", "RW", {0x6000, 0x1000}}};
  report.engines[1].tree.children.push_back({"partition", "MFS", {0x7000, 0x800}});
  const Json json = json_of(doc::Section().field("space", report::space_of(report)));
  std::vector<std::string> lines;
  for (const Json& one : json["space"]) {
    EXPECT_EQ(one["state"], one["kind"]);
    lines.push_back(one["path"].get<std::string>() + " " + std::to_string(one["offset"].get<std::uint64_t>()) + "+" +
                    std::to_string(one["size"].get<std::uint64_t>()));
  }
  EXPECT_THAT(lines,
              ElementsAre("unused#2 20480+4096", "unused#3 30720+2048", "overlap 45056+4096", "unused#4 53248+8192"));
}

TEST(Costs, AreAFieldOfPlansAndStandAmongTheNoticesToo) {
  const Report about = sample();
  const Buffer bytes(size, std::byte{0});
  Plan plan{.input_size = size};
  plan.input = InputDigest(sha256(bytes));
  plan.edits = {{{0x3000, 4}, Fill{}, "remove partition FTPR"}, {{0x7000, 1}, Fill{}, "fill a gap"}};
  report::PlanReport shown{.file = "a.rom", .size = size, .plan = &plan, .input = ByteView(bytes), .about = &about};
  shown.notices = {{.id = "a.notice", .title = "mind the gap"}};
  shown.costs = {{.id = "a.cost", .severity = Severity::warning, .title = "the fan stops", .detail = "for good"}};
  const Json json = Json::parse(report::to_json("clean", shown));
  EXPECT_EQ(json["edits"][0]["anchor"], "intel-me/FTPR#2");
  EXPECT_EQ(json["edits"][1]["anchor"], "layout/");
  EXPECT_EQ(json["costs"].size(), 1U);
  EXPECT_EQ(json["costs"][0]["title"], "the fan stops");
  EXPECT_EQ(json["notices"].size(), 2U);
  EXPECT_EQ(json["notices"][1], json["costs"][0]);
  const std::string text = report::to_text(shown, {});
  EXPECT_THAT(text, HasSubstr("  note: mind the gap\n  note: what it costs: the fan stops: for good\n"));
  shown.about = nullptr;
  EXPECT_THAT(report::to_json("clean", shown), Not(HasSubstr("anchor")));
}

TEST(Costs, AndRiskAreFieldsOfActions) {
  Report report = sample();
  report.engines[0].actions = {
      {.id = "soft-disable", .state = Action::State::available, .effects = {"set a bit"}, .costs = {"the fan stops"}},
      {.id = "strip", .state = Action::State::refused},
      {.id = "strip", .state = Action::State::impossible}};
  const Json actions = json_of(report::section_of(report))["engines"][0]["actions"];
  EXPECT_EQ(actions[0]["effects"], Json({"set a bit", "what it costs: the fan stops"}));
  EXPECT_EQ(actions[0]["costs"], Json({"the fan stops"}));
  EXPECT_EQ(actions[0]["risk"], "low");
  EXPECT_EQ(actions[1]["risk"], "high");
  EXPECT_FALSE(actions[2].contains("risk"));
  EXPECT_THAT(report::to_text(report, {}), HasSubstr("- what it costs: the fan stops"));
}

TEST(Labels, AreThereForEveryKeyOfAReportAndWithoutOneForEnumerations) {
  Report report = sample();
  report.engines[0].facts.set("flash_size", std::uint64_t{4096}, Show::size);
  const Json json = json_of(doc::Section().field("labels", report::labels_of(&report)))["labels"];
  EXPECT_EQ(json["attributes"], Json({{"flash_size", "flash size"}}));
  EXPECT_EQ(json["kinds"]["me-region"], "me region");
  EXPECT_EQ(json["states"]["not-checked"], "not checked");
  for (const Question question : questions()) EXPECT_TRUE(json["checks"].contains(to_string(question)));
  EXPECT_FALSE(json_of(doc::Section().field("labels", report::labels_of(nullptr)))["labels"].contains("attributes"));
}

}  // namespace
}  // namespace quell
