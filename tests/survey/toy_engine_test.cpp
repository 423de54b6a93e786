// SPDX-License-Identifier: GPL-2.0-or-later
// What one engine takes: its folder (toy/) and one line in engines.def. Everything that asks engines then knows it.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quell/engine.h"
#include "quell/host/root.h"
#include "quell/survey/check.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"
#include "quell/survey/status.h"
#include "report/json.h"
#include "report/status.h"
#include "specimen/specimen.h"

namespace quell {
namespace {

using nlohmann::json;
using specimen::Canvas;

constexpr std::uint32_t right_sum = 0x10 * 0x07;

// Sixteen bytes of content behind the header, all 7.
Buffer toy(std::uint32_t sum) {
  Canvas canvas(0x20, std::byte{7});
  canvas.text(0, "TOYF").u8(4, 1).u8(5, 1).u32(8, sum);
  return std::move(canvas).take();
}

Report report_of(const Buffer& bytes) {
  Image image("toy.bin", ByteView(bytes));
  auto report = examine(image, Depth::everything);
  EXPECT_TRUE(report.has_value());
  return report.value_or(Report{});
}

TEST(ToyEngine, StandsAmongTheOthers) {
  EXPECT_EQ(std::ranges::count(engines(), "toy", &Engine::id), 1);
  EXPECT_EQ(std::ranges::count(engines(), "intel-boot-guard", &Engine::id), 1);
}

TEST(ToyEngine, NamesItsFiles) {
  const Buffer bytes = toy(right_sum);
  Image image("toy.bin", ByteView(bytes));
  recognise(image);
  EXPECT_EQ(image.what.kind, "toy.firmware");
  EXPECT_EQ(image.what.title, "toy firmware");
  EXPECT_EQ(image.what.engine, "toy");
  EXPECT_TRUE(image.what.recognised);
}

TEST(ToyEngine, IsInspected) {
  const Report report = report_of(toy(right_sum + 1));
  ASSERT_EQ(report.engines.size(), 1U);
  const EngineReport& engine = report.engines.front();
  EXPECT_EQ(engine.facts.text("state"), "playing");
  ASSERT_EQ(engine.checks.size(), 1U);
  EXPECT_EQ(engine.checks.front().state, CheckState::failed);
  ASSERT_EQ(engine.findings.size(), 1U);
  EXPECT_EQ(engine.findings.front().id, "toy.content.checksum");
}

TEST(ToyEngine, AnswersWhatCheckAsks) {
  for (const auto& [sum, state] : {std::pair{0U, CheckItem::State::unknown},
                                   {right_sum, CheckItem::State::passed},
                                   {right_sum + 1, CheckItem::State::failed}}) {
    const auto items = check_items(report_of(toy(sum)));
    const auto checksums = std::ranges::find(items, Question::checksums, &CheckItem::question);
    ASSERT_NE(checksums, items.end());
    EXPECT_EQ(checksums->state, state) << sum;
    const auto signatures = std::ranges::find(items, Question::signatures, &CheckItem::question);
    ASSERT_NE(signatures, items.end());
    EXPECT_EQ(signatures->state, CheckItem::State::unknown) << sum;
  }
}

TEST(ToyEngine, IsFoundOnALiveMachine) {
  const auto root = host::memory_root({{"/sys/class/toy/state", {.data = "playing\n"}}});
  const HostStatus status = collect_status(*root, {});
  const auto found = std::ranges::find(status.engines, "toy", &EngineStatus::engine);
  ASSERT_NE(found, status.engines.end());
  EXPECT_EQ(found->title, "Toy, playing");
  EXPECT_EQ(found->verdict, Verdict::running);
  const json document = json::parse(report::to_json(status));
  EXPECT_EQ(document.at("engines").at(0).at("engine"), "toy");
}

TEST(ToyEngine, IsInTheJsonOfInspect) {
  const json document = json::parse(report::to_json("inspect", {report_of(toy(right_sum))}));
  const json& image = document.at("images").at(0);
  EXPECT_EQ(image.at("kind"), "toy.firmware");
  EXPECT_EQ(image.at("engines").at(0).at("engine"), "toy");
}

}  // namespace
}  // namespace quell
