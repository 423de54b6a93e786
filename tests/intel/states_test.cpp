// SPDX-License-Identifier: GPL-2.0-or-later
// What was done to firmware is a state of its report, and every command goes by it.
#include <algorithm>

#include <gmock/gmock.h>

#include "intel/clean_support.h"
#include "intel/disable_bit.h"
#include "intel/firmware_tpm.h"
#include "intel/second_image.h"
#include "quell/engine.h"
#include "quell/flash/descriptor.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"

namespace quell::intel::test {
namespace {

EngineReport report_of(const Buffer& bytes, Depth depth = Depth::structure) {
  Image image("specimen", ByteView(bytes));
  const auto report = examine(image, depth);
  EXPECT_TRUE(report.has_value());
  for (const EngineReport& engine : report->engines) {
    if (engine.engine == "intel-me") return engine;
  }
  ADD_FAILURE() << "no engine";
  return {};
}

Action::State removal(const EngineReport& report) {
  return std::ranges::find(report.actions, "strip", &Action::id)->state;
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(finding.id);
  return out;
}

TEST(EngineStates, AStrippedRegionIsNoUpdateImageAndHasNothingLeftToRemove) {
  for (const IntelFlavour flavour : {IntelFlavour::me8, IntelFlavour::me11, IntelFlavour::txe1}) {
    SCOPED_TRACE(to_string(flavour));
    const Buffer region = specimen::intel_me_region(flavour);
    EXPECT_THAT(report_of(region).states, testing::IsEmpty());
    CleanOptions options = strip_options();
    const Buffer stripped = clean(region, options)->bytes;
    const EngineReport report = report_of(stripped);
    EXPECT_THAT(report.states, testing::ElementsAre(EngineState::stripped));
    EXPECT_EQ(removal(report), Action::State::done);
    EXPECT_THAT(report.title, testing::Not(testing::HasSubstr("update")));
    if (flavour == IntelFlavour::me11) {
      EXPECT_EQ(report.facts.text("type"), "Extracted");
    }
    const auto again = clean(stripped, CleanOptions{});
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_TRUE(again->plan.plan.empty());
    EXPECT_THAT(ids(again->plan.notices), testing::ElementsAre("intel.clean.stripped-already"));

    options.relocate = options.truncate = true;
    const EngineReport cut = report_of(clean(region, options)->bytes, Depth::everything);
    EXPECT_THAT(cut.states, testing::Contains(EngineState::stripped));
    EXPECT_EQ(removal(cut), Action::State::done);
  }
}

TEST(EngineStates, OfADumpTellWhetherTheBitIsSetAndTheRegionWasRead) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me8);
  EXPECT_THAT(report_of(dump).states, testing::IsEmpty());
  EXPECT_THAT(report_of(clean(dump, soft_options())->bytes).states, testing::ElementsAre(EngineState::disabled));
  const Range me = flash::parse_descriptor(ByteView(dump)).value().me()->range;
  const Buffer unread = changed(dump, [&](Canvas& canvas) { canvas.put(me.offset, Buffer(me.size, std::byte{0xFF})); });
  const EngineReport report = report_of(unread);
  EXPECT_THAT(report.states, testing::Contains(EngineState::unread));
  EXPECT_THAT(report.title, testing::HasSubstr("not read or erased"));
}

// Generation 1 is removed together with its bits: no note may say that they stay clear.
TEST(EngineStates, TheNotesOfGeneration1AreMadeFromThePlan) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me5);
  Image image("specimen", ByteView(dump));
  recognise(image);
  const auto plan = plan_default(Examined(image));
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  EXPECT_TRUE(plan->disables);
  EXPECT_FALSE(plan->left_out.has_value());
}

TEST(EngineStates, ABitThatIsSetAlreadyNeedsNoOverride) {
  CleanOptions options = soft_options();
  const Buffer disabled = clean(specimen::intel_dump(IntelFlavour::me8), options)->bytes;
  options.accepted = {};
  const auto again = clean(disabled, options);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(again->plan.plan.empty());
  EXPECT_THAT(ids(again->plan.notices), testing::Contains("intel.disable-bit.already"));
}

TEST(CutIfwi, WithoutItsBootPartitionsIsDamaged) {
  for (const IntelFlavour flavour : {IntelFlavour::me14, IntelFlavour::me16}) {
    const Buffer region = specimen::intel_me_region(flavour);
    const Buffer cut(region.begin(), region.begin() + 0x4000);
    const EngineReport report = report_of(cut);
    EXPECT_TRUE(std::ranges::any_of(report.findings, [](const Finding& one) {
      return one.severity >= Severity::error;
    })) << to_string(flavour);
  }
}

TEST(SecondImage, InTheBiosRegionIsFoundAndNamed) {
  Buffer dump = specimen::intel_dump(IntelFlavour::me8);
  const auto look = [&] {
    Image image("specimen", ByteView(dump));
    recognise(image);
    return second_images(Examined(image));
  };
  EXPECT_THAT(look(), testing::IsEmpty());
  const Buffer small = specimen::intel_small_me_region(IntelFlavour::me11);
  const Range bios = flash::parse_descriptor(ByteView(dump)).value().region(1)->range;
  std::ranges::copy(small, dump.begin() + static_cast<std::ptrdiff_t>(bios.offset + 0x1230));
  const auto found = look();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, "intel.region.second-image");
  EXPECT_EQ(found[0].range->offset, bios.offset + 0x1230);
  EXPECT_EQ(found[0].severity, Severity::info);
}

TEST(FirmwareTpmLoss, IsSaidWhereTheTpmCanBeTheEngines) {
  EXPECT_EQ(firmware_tpm(ByteView(specimen::intel_me_region(IntelFlavour::me5)), true), FirmwareTpm::absent);
  EXPECT_EQ(firmware_tpm(ByteView(Buffer(0x1000, std::byte{0xFF})), false), FirmwareTpm::unknown);
  const Buffer older = specimen::intel_me_region(IntelFlavour::me8);
  EXPECT_EQ(firmware_tpm(ByteView(older), false), FirmwareTpm::absent);
  EXPECT_THAT(ids(clean(older, strip_options())->plan.costs),
              testing::Not(testing::Contains("intel.disable.tpm-lost")));
  // Its NFTP has the module `ptt`.
  const Buffer region = specimen::intel_me_region(IntelFlavour::me11);
  EXPECT_EQ(firmware_tpm(ByteView(region), false), FirmwareTpm::present);
  const auto plan = clean(region, strip_options());
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  EXPECT_TRUE(plan->plan.tpm_at_stake);
  EXPECT_THAT(ids(plan->plan.costs), testing::Contains("intel.disable.tpm-lost"));

  DisableBits platform;
  EXPECT_FALSE(tpm_finding(FirmwareTpm::unknown, &platform).has_value());
  EXPECT_FALSE(tpm_finding(FirmwareTpm::unknown, nullptr).has_value());
  platform.tpm_possible = true;
  EXPECT_TRUE(tpm_finding(FirmwareTpm::unknown, &platform).has_value());
  EXPECT_FALSE(tpm_finding(FirmwareTpm::absent, &platform).has_value());
}

}  // namespace
}  // namespace quell::intel::test
