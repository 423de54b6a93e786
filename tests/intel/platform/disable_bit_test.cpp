// SPDX-License-Identifier: GPL-2.0-or-later
// The rule for the disable bit on made descriptors: which input writes, which refuses, and why.
#include "intel/disable_bit.h"

#include <gmock/gmock.h>

#include "intel/disable_report.h"
#include "support/descriptors.h"

namespace quell::intel {
namespace {

using test::DescriptorSpec;
using test::make_descriptor;
using testing::HasSubstr;

FirmwareFacts firmware(std::string product, Version version, std::string variant = "",
                       std::optional<std::pair<std::uint16_t, std::uint16_t>> pmc = {}) {
  return {FirmwareFacts::Region::present, std::move(product), version, true, std::move(variant), pmc};
}

struct Decision {
  const char* name;
  DescriptorSpec descriptor;
  FirmwareFacts facts;
  const char* refusal;  // "" where it must be written
  std::uint64_t byte;   // image offset of the changed byte
  DisableOptions options{};
};

std::ostream& operator<<(std::ostream& out, const Decision& d) { return out << d.name; }

const std::vector<std::pair<std::uint64_t, std::uint32_t>> cannon_lp{{0x70, 0x810003B8}};
const std::vector<std::pair<std::uint64_t, std::uint32_t>> cannon_h{{0x80, 0x800001B8}};
const std::vector<std::pair<std::uint64_t, std::uint32_t>> jasper{
    {0x68, 0x01000530}, {0x70, 0x203}, {0x78, 0x68070000}};

class DisableBitRule : public testing::TestWithParam<Decision> {};

TEST_P(DisableBitRule, WritesOrRefuses) {
  const Decision& c = GetParam();
  const Buffer image = make_descriptor(c.descriptor);
  const auto d = flash::parse_descriptor(ByteView(image));
  ASSERT_TRUE(d) << d.error().message;
  const DisableBits found = find_disable_bits(*d, ByteView(image), c.facts);
  PlanBuilder builder{ByteView(image)};
  const auto edits = plan_disable(builder, *d, found, c.options);
  const Image whole("test", ByteView(image));
  const Plan plan = std::move(builder).build(whole.sha256());
  if (*c.refusal != '\0') {
    ASSERT_FALSE(edits);
    EXPECT_EQ(edits.error().code, Errc::refused);
    std::vector<std::string> ids;
    for (const Refusal& refusal : found.refusals) ids.push_back(refusal.id);
    EXPECT_THAT(ids, testing::Contains(c.refusal));
    EXPECT_TRUE(plan.empty());
    return;
  }
  ASSERT_TRUE(edits) << edits.error().message;
  const auto output = apply(plan, whole);
  ASSERT_TRUE(output);
  for (std::uint64_t i = 0; i < image.size(); ++i) {
    const auto changed = std::to_integer<unsigned>(image[i] ^ (*output)[i]);
    EXPECT_EQ(std::popcount(changed), i == c.byte ? 1 : 0) << std::hex << i;
  }
}

// Two tools that write the same place are two sources, though no proof.
TEST(DisableBit, AReportedPlaceNamesWhoReportsIt) {
  const Buffer image = make_descriptor({.isl = 0x2A, .flmap2 = 0x000301B0, .straps = jasper});
  const auto d = flash::parse_descriptor(ByteView(image));
  ASSERT_TRUE(d) << d.error().message;
  const DisableBits found = find_disable_bits(*d, ByteView(image), firmware("ME", {13, 50, 15, 1475}, "LP"));
  const auto reported = std::ranges::find(found.refusals, "reported", &Refusal::id);
  ASSERT_NE(reported, found.refusals.end());
  EXPECT_THAT(reported->reason, HasSubstr("Jasper Lake is reported and not confirmed (Dasharo coreboot ifdtool"));
}

const FirmwareFacts no_firmware{FirmwareFacts::Region::absent};

const std::vector<Decision> decisions = {
    // The decision examples of the rule.
    Decision{"CometLakeLpIsWritten", {.straps = cannon_lp}, firmware("ME", {14, 0, 33, 1125}, "LP"), "", 0x172},
    Decision{"UnlistedSignatureWithCannonPointHFirmwareIsWritten",
             {.isl = 0x5C, .flmap2 = 0x00340340, .straps = cannon_h},
             firmware("ME", {12, 0, 49, 1534}, "H", std::pair<std::uint16_t, std::uint16_t>{300, 2}),
             "",
             0x182},
    Decision{"JasperLakeIsOnlyReported",
             {.isl = 0x2A, .flmap2 = 0x000301B0, .straps = jasper},
             firmware("ME", {13, 50, 15, 1475}, "LP"),
             "reported",
             0},
    Decision{"AlderLakeWithMe11IsAConflict",
             {.isl = 0x46, .flmap2 = 0x001401B0, .straps = {{0x7C, 0x41000030}, {0xD0, 0x300}, {0xC4, 0x70}}},
             firmware("ME", {11, 8, 50, 3425}, "LP"),
             "platform-conflict",
             0},
    Decision{
        "ApolloLakeSourcesConflict", {.isl = 0x13, .flmap2 = 0}, firmware("TXE", {3, 1, 50, 2222}), "conflicting", 0},
    Decision{
        "GeminiLakeSourcesConflict", {.isl = 0x17, .flmap2 = 0}, firmware("TXE", {4, 0, 5, 1280}), "conflicting", 0},
    Decision{"LewisburgSourcesConflict",
             {.isl = 0x8B, .flmap2 = 0x14340140},
             firmware("ME", {11, 21, 51, 1476}),
             "conflicting",
             0},
    Decision{"UnlistedSignatureWithoutFirmwareIsUnknown",
             {.isl = 0x33, .flmap2 = 0x00340350},
             no_firmware,
             "platform-unknown",
             0},
    // Overrides.
    Decision{"AcceptReportedWritesJasperLake",
             {.isl = 0x2A, .flmap2 = 0x000301B0, .straps = jasper},
             firmware("ME", {13, 50, 15, 1475}, "LP"),
             "",
             0x16A,
             {.accepted = {Override::reported_place}}},
    Decision{"AcceptReportedDoesNotLiftAConflictOfSources",
             {.isl = 0x17, .flmap2 = 0},
             firmware("TXE", {4, 0, 5, 1280}),
             "conflicting",
             0,
             {.accepted = {Override::reported_place}}},
    Decision{"UserLocationIsWrittenAnywhereInTheStraps",
             {.isl = 0x33, .flmap2 = 0x00340350},
             no_firmware,
             "",
             0x17E,
             {.at = UserLocation{0x7C, 16}}},
    // Doubt.
    Decision{"DescriptorAloneIsNotEnough", {.straps = cannon_lp}, no_firmware, "firmware-unknown", 0},
    Decision{"DescriptorAloneWithItsFlag",
             {.straps = cannon_lp},
             no_firmware,
             "",
             0x172,
             {.accepted = {Override::descriptor_alone}}},
    Decision{"AnotherBoardsStrapsFailTheShapeTest",
             {.straps = {{0x70, 0x00000123}}},
             firmware("ME", {14, 0, 33, 1125}, "LP"),
             "shape",
             0},
    Decision{"AnErasedStrapIsNotOne",
             {.straps = {{0x70, 0xFFFFFFFF}}},
             firmware("ME", {14, 0, 33, 1125}, "LP"),
             "strap-blank",
             0,
             {.accepted = {Override::reported_place, Override::descriptor_alone, Override::verified_descriptor}}},
    Decision{"APlaceBehindTheStrapsIsNotOne",
             {.isl = 0x1C, .straps = {{0x70, 0x800001B8}}},
             firmware("ME", {14, 0, 33, 1125}, "LP"),
             "strap-outside",
             0},
    Decision{"UnsignedFirmwareProvesNothing",
             {.straps = cannon_lp},
             {FirmwareFacts::Region::present, "ME", Version{14, 0, 33, 1125}, false, "LP", {}},
             "firmware-unknown",
             0},
    Decision{"ServerFirmwareIsRefused",
             {.isl = 0x15, .flmap2 = 0x1B210120, .v2 = false},
             firmware("SPS", {3, 1, 3, 50}),
             "server",
             0},
    Decision{"Me12WithoutVariantIsAmbiguous",
             {.isl = 0x5C, .flmap2 = 0x00340340, .straps = cannon_h},
             firmware("ME", {12, 0, 49, 1534}),
             "platform-ambiguous",
             0}};

INSTANTIATE_TEST_SUITE_P(Decisions, DisableBitRule, testing::ValuesIn(decisions),
                         [](const auto& decision) { return std::string(decision.param.name); });

TEST(DisableBit, OfServerFirmwareIsNotKnownToHaltIt) {
  const Buffer image =
      make_descriptor({.isl = 0x12, .flmap2 = 0x00210120, .straps = {{0x28, 0x00400080}}, .v2 = false});
  const auto d = flash::parse_descriptor(ByteView(image));
  const auto looked_at = [&](const FirmwareFacts& facts) {
    const auto found = find_disable_bits(*d, ByteView(image), facts);
    EXPECT_EQ(found.set(), true);
    EngineReport report;
    report_disable_bit(report, found);
    return report;
  };
  EXPECT_THAT(looked_at(firmware("ME", {7, 1, 80, 1214})).states, testing::ElementsAre(EngineState::disabled));
  const EngineReport server = looked_at(firmware("SPS", {1, 0, 2, 29}));
  EXPECT_THAT(server.states, testing::IsEmpty());
  EXPECT_EQ(server.actions.at(0).state, Action::State::done) << "there is nothing left to set";
  EXPECT_THAT(server.actions.at(0).reason, HasSubstr("not known to obey"));
}

TEST(DisableBit, RefusalNamesCandidatesChangeAndOverride) {
  const Buffer image = make_descriptor({.isl = 0x2A, .flmap2 = 0x000301B0, .straps = jasper});
  const auto d = flash::parse_descriptor(ByteView(image));
  const auto found = find_disable_bits(*d, ByteView(image), firmware("ME", {13, 50, 15, 1475}, "LP"));
  PlanBuilder builder{ByteView(image)};
  const auto edits = plan_disable(builder, *d, found, {});
  ASSERT_FALSE(edits);
  EXPECT_THAT(edits.error().message, testing::AllOf(HasSubstr("JSP PCHSTRP26 bit 16"), HasSubstr("byte 0x16a bit 0"),
                                                    HasSubstr("0x00 to 0x01"), HasSubstr("0x2a straps")));
  EXPECT_EQ(edits.error().lifted_by.list(), std::vector{Override::reported_place});
}

TEST(DisableBit, SettingTwiceChangesNothing) {
  const Buffer image = make_descriptor({.straps = {{0x70, 0x810103B8}}});
  const auto d = flash::parse_descriptor(ByteView(image));
  const auto found = find_disable_bits(*d, ByteView(image), firmware("ME", {14, 0, 33, 1125}, "LP"));
  EXPECT_EQ(found.set(), true);
  PlanBuilder builder{ByteView(image)};
  const auto edits = plan_disable(builder, *d, found, {});
  ASSERT_TRUE(edits) << edits.error().message;
  EXPECT_TRUE(edits->already);
  EXPECT_TRUE(std::move(builder).build({}).empty());
}

Buffer with_copy(const Buffer& descriptor) {
  Buffer image(0x4000, std::byte{0xFF});
  std::ranges::copy(descriptor, image.begin());
  std::ranges::copy(descriptor, image.begin() + 0x1000);
  for (const std::uint64_t base : {0U, 0x1000U}) test::put32(image, base + 0x40, 0x00030000);
  for (const std::uint64_t base : {0U, 0x1000U}) test::put32(image, base + 0x48, 0x001F0004);
  return image;
}

const DescriptorSpec meteor{.isl = 0x82, .flmap2 = 0x000301C0, .straps = {{0x11C, 0x401000B2}}};

TEST(DisableBit, BothDescriptorCopiesAreWritten) {
  const Buffer image = with_copy(make_descriptor(meteor));
  const auto d = flash::parse_descriptor(ByteView(image));
  const auto found = find_disable_bits(*d, ByteView(image), firmware("ME", {18, 0, 5, 2098}));
  PlanBuilder builder{ByteView(image)};
  ASSERT_TRUE(plan_disable(builder, *d, found, {}));
  EXPECT_EQ(builder.u32(0x21C), 0x401100B2U);
  EXPECT_EQ(builder.u32(0x121C), 0x401100B2U);
}

TEST(DisableBit, CopiesWithOtherStrapsAreRefusedEvenWithEveryFlag) {
  Buffer image = with_copy(make_descriptor(meteor));
  test::put32(image, 0x1104, 1);
  const auto d = flash::parse_descriptor(ByteView(image));
  const auto found = find_disable_bits(*d, ByteView(image), firmware("ME", {18, 0, 5, 2098}));
  PlanBuilder builder{ByteView(image)};
  const auto edits =
      plan_disable(builder, *d, found,
                   {.accepted = {Override::reported_place, Override::descriptor_alone, Override::verified_descriptor},
                    .at = UserLocation{0x11C, 16}});
  ASSERT_FALSE(edits);
  EXPECT_THAT(edits.error().message, HasSubstr("0x1000"));
}

// A $MN2 manifest in the descriptor: 0x80 bytes of header here, then extension 0x17 with its ranges.
void put_verification(Buffer& image, std::uint16_t start, std::uint16_t end) {
  std::fill(image.begin() + 0x800, image.begin() + 0xC00, std::byte{0});
  test::put32(image, 0x804, 0x20);
  test::put32(image, 0x818, 0x60);
  test::put32(image, 0x81C, 0x324E4D24);
  test::put32(image, 0x880, 0x17);
  test::put32(image, 0x884, 0x48);
  test::put32(image, 0x888, 0x0C000800);
  test::put32(image, 0x88C, std::uint32_t{end} << 16U | start);
}

TEST(DisableBit, VerifiedDescriptorIsRefusedUnlessTheStrapIsLeftOutOfItsHash) {
  for (const bool excluded : {false, true}) {
    Buffer image = make_descriptor({.straps = cannon_lp});
    put_verification(image, excluded ? 0x170 : 0x80, excluded ? 0x174 : 0xA0);
    const auto d = flash::parse_descriptor(ByteView(image));
    const auto found = find_disable_bits(*d, ByteView(image), firmware("ME", {14, 0, 33, 1125}, "LP"));
    PlanBuilder refused{ByteView(image)};
    EXPECT_EQ(plan_disable(refused, *d, found, {}).has_value(), excluded);
    PlanBuilder accepted{ByteView(image)};
    EXPECT_TRUE(plan_disable(accepted, *d, found, {.accepted = {Override::verified_descriptor}}));
  }
}

TEST(DisableBit, TracesOfOtherToolsAreFoundAtPlacesThatAreClearInStockImages) {
  const Buffer image = make_descriptor({.straps = {{0x70, 0x810003B8}, {0x28, 0x80}}});
  const auto d = flash::parse_descriptor(ByteView(image));
  const auto found = find_disable_bits(*d, ByteView(image), {});
  ASSERT_EQ(found.traces.size(), 1U);
  EXPECT_EQ(found.traces[0].byte_offset(), 0x128U);
}

TEST(DisableBit, LocationsAreReadOrRefused) {
  EXPECT_EQ(parse_location("0x70")->offset, 0x70U);
  EXPECT_EQ(parse_location("70:7")->bit, 7U);
  for (const char* bad : {"", ":", "0x", "0x71", "0x70:", "0x70:32", "0x70:x", "g", "0x70:-1", "0x10000000000000000"}) {
    EXPECT_FALSE(parse_location(bad)) << bad;
  }
}

TEST(DisableNotices, BootGuardIsSpokenOfWhereItExists) {
  const Buffer image = make_descriptor({.straps = cannon_lp});
  const auto d = flash::parse_descriptor(ByteView(image)).value();
  for (const auto& [major, spoken] : {std::pair<std::uint16_t, bool>{8, false}, {12, true}}) {
    const DisableBits found = find_disable_bits(d, ByteView(image), firmware("ME", {major, 0, 0, 1500}));
    const auto notices = disable_notices(found, DisableEdits{}, true);
    const bool told = std::ranges::count(notices, "intel.disable-bit.boot-guard", &Finding::id) == 1;
    EXPECT_EQ(told, spoken) << major;
  }
}

}  // namespace
}  // namespace quell::intel
