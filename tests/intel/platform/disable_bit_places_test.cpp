// SPDX-License-Identifier: GPL-2.0-or-later
// Where the disable bit of every platform is, written down a second time: one wrong digit in
// data/intel-disable-bits.csv sets a bit that means something else.
#include <gmock/gmock.h>

#include "intel/disable_bit.h"
#include "intel/platform/tables.h"

#include "support/descriptors.h"

namespace quell::intel {
namespace {

using test::DescriptorSpec;
using test::make_descriptor;

constexpr bool pch = true;   // counted from FPSBA
constexpr bool mch = false;  // counted from FMSBA

struct Place {
  std::string_view family;
  bool of_pch;
  std::uint64_t offset;
  unsigned bit;
  Evidence evidence;
  bool written = true;
};

using enum Evidence;

const std::vector<Place>& places() {
  static const std::vector<Place> table{
      {"ICH8", pch, 0x00, 0, reported},         {"ICH8", mch, 0x00, 0, reported},
      {"ICH8", mch, 0x00, 7, reported, false},  {"ICH9", pch, 0x00, 0, reported},
      {"ICH9", mch, 0x00, 0, reported},         {"ICH9", mch, 0x00, 7, reported, false},
      {"ICH9M", pch, 0x00, 0, confirmed},       {"ICH9M", mch, 0x00, 0, confirmed},
      {"ICH9M", mch, 0x00, 7, reported, false}, {"ICH10", pch, 0x00, 0, reported},
      {"ICH10", mch, 0x00, 0, reported},        {"ICH10", mch, 0x00, 7, reported, false},
      {"IBX", pch, 0x28, 7, reported},          {"CPT", pch, 0x28, 7, confirmed},
      {"PPT", pch, 0x28, 7, confirmed},         {"LPT-H", pch, 0x28, 7, confirmed},
      {"LPT-LP", pch, 0x28, 7, confirmed},      {"WPT-LP", pch, 0x28, 7, confirmed},
      {"BYT", pch, 0x28, 7, reported},          {"BSW", pch, 0x28, 7, reported},
      {"PBG", pch, 0x28, 7, unknown},           {"WBG", pch, 0x28, 7, unknown},
      {"SPT-LP", pch, 0x00, 16, confirmed},     {"KBP-LP", pch, 0x00, 16, confirmed},
      {"SPT-H", pch, 0x00, 16, confirmed},      {"KBP-H", pch, 0x00, 16, confirmed},
      {"BSF", pch, 0x00, 16, reported},         {"LBG", pch, 0xD4, 16, conflicting},
      {"LBG", pch, 0x00, 16, conflicting},      {"DNV", pch, 0x38, 16, reported},
      {"APL", pch, 0x2C, 7, conflicting},       {"GLK", pch, 0x2C, 7, conflicting},
      {"CNP-LP", pch, 0x70, 16, confirmed},     {"CNP-H", pch, 0x80, 16, confirmed},
      {"CMP-LP", pch, 0x70, 16, confirmed},     {"CMP-H", pch, 0x80, 16, reported},
      {"CMP-V", pch, 0x00, 16, reported},       {"ICP-LP", pch, 0x70, 16, conflicting},
      {"ICP-LP", pch, 0x78, 16, conflicting},   {"ICP-LP", pch, 0x94, 16, conflicting},
      {"ICL-D", pch, 0xE0, 16, unknown},        {"JSP", pch, 0x68, 16, reported},
      {"TGP-LP", pch, 0x7C, 16, confirmed},     {"TGP-H", pch, 0x94, 16, confirmed},
      {"MCC", pch, 0x84, 16, reported},         {"ADP-P", pch, 0x7C, 16, confirmed},
      {"ADP-N", pch, 0x7C, 16, confirmed},      {"ADP-S", pch, 0xDC, 16, confirmed},
      {"ADP-S-A0", pch, 0xD0, 16, reported},    {"MTL", pch, 0x11C, 16, confirmed},
  };
  return table;
}

// Chipsets of which only the name of the bit is known.
const std::vector<std::string_view> nowhere{"LKF", "EBG", "ARL", "LNL", "PTL"};

std::string text(std::string_view family, bool of_pch, std::uint64_t offset, unsigned bit, bool written,
                 Evidence evidence) {
  return testing::PrintToString(std::tuple(std::string(family), of_pch ? "FPSBA" : "FMSBA", offset, bit,
                                           written ? "written" : "shown", to_string(evidence)));
}

TEST(DisableBitPlaces, TheTableHoldsTheseRowsAndNoOther) {
  std::vector<std::string> expected;
  for (const Place& p : places()) expected.push_back(text(p.family, p.of_pch, p.offset, p.bit, p.written, p.evidence));
  std::vector<std::string> rows;
  std::vector<std::string_view> without;
  for (const LocationRow& row : location_rows()) {
    if (row.offset) {
      rows.push_back(text(row.family, !row.of_mch, *row.offset, row.bit, row.written, row.evidence));
    } else {
      EXPECT_FALSE(row.written) << row.family;
      EXPECT_EQ(row.evidence, unknown) << row.family;
      without.push_back(row.family);
    }
  }
  EXPECT_THAT(rows, testing::UnorderedElementsAreArray(expected));
  EXPECT_THAT(without, testing::UnorderedElementsAreArray(nowhere));
}

// A board: what its descriptor and firmware say, and the chipsets it then can have.
struct Board {
  const char* name;
  std::vector<std::string_view> families;
  DescriptorSpec descriptor;
  std::string product;
  Version version;
  std::string variant = "";
  const char* refusal = "";  // where the bit is not written although one-sided evidence is accepted
};

void PrintTo(const Board& board, std::ostream* out) { *out << board.name; }

using Straps = std::vector<std::pair<std::uint64_t, std::uint32_t>>;

DescriptorSpec old(unsigned isl, std::uint32_t flmap2, Straps straps = {}) {
  return {.isl = isl, .flmap2 = flmap2, .straps = std::move(straps), .v2 = false};
}

DescriptorSpec recent(unsigned isl, std::uint32_t flmap2, Straps straps = {}) {
  return {.isl = isl, .flmap2 = flmap2, .straps = std::move(straps)};
}

// Signature and other straps as original descriptors have them (data/intel-descriptor-signatures.csv,
// data/intel-strap-shapes.csv); 0x9F straps where no descriptor is known.
std::vector<Board> boards() {
  const Straps series_6{{0x28, 0x00400000}};
  return {
      {"ICH8", {"ICH8"}, old(0x9F, 0x00000140), "ME", {2, 6, 10, 1105}},
      {"ICH9", {"ICH9"}, old(0x9F, 0x00000140), "ME", {3, 2, 20, 1046}},
      {"ICH9M", {"ICH9M"}, old(0x02, 0x00000120), "ME", {4, 2, 60, 1060}},
      {"ICH10", {"ICH10"}, old(0x9F, 0x00000140), "ME", {5, 2, 0, 1008}},
      {"IBX", {"IBX"}, old(0x9F, 0x00000140), "ME", {6, 2, 50, 1062}},
      {"CPT", {"CPT"}, old(0x12, 0x00210120, series_6), "ME", {7, 1, 80, 1214}},
      {"PPT", {"PPT", "CPT"}, old(0x12, 0x00210120, series_6), "ME", {8, 1, 70, 1590}},
      {"LPT_H", {"LPT-H"}, old(0x15, 0x00210120, series_6), "ME", {9, 1, 45, 3000}},
      {"LPT_LP", {"LPT-LP", "LPT-H"}, old(0x15, 0x00210120, series_6), "ME", {9, 5, 45, 1922}},
      {"WPT_LP", {"WPT-LP"}, old(0x15, 0x00210120, series_6), "ME", {10, 0, 55, 3000}},
      {"BYT", {"BYT"}, old(0x0B, 0x00210020), "TXE", {1, 1, 4, 1145}},
      {"BSW", {"BSW"}, old(0x0E, 0x00210020), "TXE", {2, 0, 5, 3112}},
      {"PBG", {"PBG"}, old(0x12, 0x00210020), "SPS", {2, 3, 16, 3}, "", "location-unknown"},
      {"WBG", {"WBG"}, old(0x15, 0x1B210120), "SPS", {3, 1, 3, 50}, "", "location-unknown"},
      {"SPT_LP", {"SPT-LP", "KBP-LP"}, recent(0x42, 0x00310330), "ME", {11, 8, 50, 3425}, "LP"},
      {"SPT_H", {"SPT-H"}, recent(0x58, 0x00310330), "ME", {11, 0, 25, 3001}, "H"},
      {"KBP_H", {"KBP-H"}, recent(0x5A, 0x00310330), "ME", {11, 6, 10, 1196}, "H"},
      {"BSF", {"BSF"}, recent(0x9F, 0x00310330), "ME", {11, 11, 50, 1430}},
      {"LBG", {"LBG"}, recent(0x8B, 0x14340140), "ME", {11, 21, 51, 1476}, "", "conflicting"},
      {"DNV", {"LBG", "DNV"}, recent(0x9F, 0x00340140), "SPS", {4, 0, 4, 100}, "", "platform-ambiguous"},
      {"APL", {"APL"}, recent(0x13, 0), "TXE", {3, 1, 50, 2222}, "", "conflicting"},
      {"GLK", {"GLK"}, recent(0x17, 0), "TXE", {4, 0, 5, 1280}, "", "conflicting"},
      {"CNP_LP", {"CNP-LP"}, recent(0x45, 0x00340330, {{0x70, 0x800001B8}}), "ME", {12, 0, 49, 1534}, "LP"},
      {"CNP_H", {"CNP-H"}, recent(0x9F, 0x00340340, {{0x80, 0x800001B8}}), "ME", {12, 0, 49, 1534}, "H"},
      {"CMP_LP", {"CMP-LP"}, recent(0x45, 0x00340330, {{0x70, 0x800001B8}}), "ME", {14, 0, 33, 1125}, "LP"},
      {"CMP_H", {"CMP-H"}, recent(0x9F, 0x00340340), "ME", {14, 0, 33, 1125}, "H"},
      {"CMP_V", {"CMP-V"}, recent(0x9F, 0x00310340), "ME", {14, 5, 11, 1116}},
      {"ICP_LP", {"ICP-LP"}, recent(0x9F, 0x00340340), "ME", {13, 0, 33, 1580}, "", "conflicting"},
      {"LKF", {"LKF"}, recent(0x9F, 0x00340340), "ME", {13, 30, 3, 1}, "", "location-unknown"},
      {"JSP",
       {"JSP"},
       recent(0x2A, 0x000301B0, {{0x68, 0x0530}, {0x70, 0x203}, {0x78, 0x68070000}}),
       "ME",
       {13, 50, 15, 1475}},
      {"TGP_LP",
       {"TGP-LP"},
       recent(0x46, 0x001101A0, {{0x7C, 0x30}, {0xD0, 0x300}, {0x94, 0x10000}}),
       "ME",
       {15, 0, 23, 1706},
       "LP"},
      {"TGP_H", {"TGP-H"}, recent(0x65, 0x001101B0, {{0x94, 0xB0}}), "ME", {15, 0, 23, 1706}, "H"},
      {"MCC", {"MCC"}, recent(0x38, 0x00030160, {{0x84, 0x80000210}, {0x94, 0x64}}), "ME", {15, 40, 10, 2252}},
      {"ADP_P",
       {"ADP-P"},
       recent(0x46, 0x001401B0, {{0x7C, 0x30}, {0xD0, 0x300}, {0xC4, 0x70}}),
       "ME",
       {16, 0, 15, 1662},
       "LP"},
      {"ADP_N", {"ADP-N"}, recent(0x46, 0x001401B0, {{0x7C, 0xA2}, {0xD0, 0x300}}), "ME", {16, 50, 0, 1120}},
      {"ADP_S",
       {"ADP-S"},
       recent(0x73, 0x00140170, {{0xD0, 0x10081008}, {0xC4, 0x10081008}, {0xDC, 0xB0}}),
       "ME",
       {16, 0, 15, 1662},
       "H"},
      {"ADP_S_A0",
       {"ADP-S", "ADP-S-A0"},
       recent(0x9F, 0x00140170, {{0xC4, 0x10081008}, {0xD0, 0xB0}}),
       "ME",
       {16, 0, 15, 1662},
       "H",
       "platform-ambiguous"},
      {"EBG", {"EBG"}, recent(0x50, 0x00000230), "SPS", {6, 0, 3, 1}, "", "location-unknown"},
      {"MTL", {"MTL"}, recent(0x82, 0x000301C0, {{0x11C, 0xB2}}), "ME", {18, 0, 5, 2098}},
      {"MTL_LATER", {"MTL"}, recent(0x82, 0x000301E0, {{0x11C, 0xB2}}), "ME", {18, 0, 5, 2098}},
  };
}

using Bits = std::set<std::tuple<bool, std::uint64_t, unsigned>>;

class DisableBitOfBoard : public testing::TestWithParam<Board> {};

TEST_P(DisableBitOfBoard, IsLookedForAndWrittenThere) {
  const Board& board = GetParam();
  Buffer image = make_descriptor(board.descriptor);
  const std::uint64_t fmsba = (board.descriptor.flmap2 & 0xFFU) << 4U;
  if (!board.descriptor.v2) test::put32(image, fmsba, 0);
  const auto d = flash::parse_descriptor(ByteView(image)).value();
  const FirmwareFacts facts{FirmwareFacts::Region::present, board.product, board.version, true, board.variant, {}};
  const DisableBits found = find_disable_bits(d, ByteView(image), facts);

  Bits expected;
  for (const Place& p : places()) {
    if (p.written && std::ranges::find(board.families, p.family) != board.families.end())
      expected.emplace(p.of_pch, p.offset, p.bit);
  }
  Bits candidates;
  for (const DisableBit& bit : found.candidates) candidates.emplace(!bit.of_mch, bit.relative, bit.bit);
  EXPECT_EQ(candidates, expected);

  PlanBuilder builder{ByteView(image)};
  const auto edits = plan_disable(builder, d, found, {.accepted = {Override::reported_place}});
  std::vector<std::string> refusals;
  for (const Refusal& refusal : found.refusals) refusals.push_back(refusal.id);
  if (*board.refusal != '\0') {
    EXPECT_FALSE(edits);
    EXPECT_THAT(refusals, testing::Contains(board.refusal));
    return;
  }
  ASSERT_TRUE(edits) << edits.error().message;
  const Image whole("descriptor", ByteView(image));
  const Buffer after = apply(std::move(builder).build(whole.sha256()), whole).value();
  Buffer wanted = image;
  for (const auto& [of_pch, offset, bit] : expected) {
    const std::uint64_t at = (of_pch ? 0x100 : fmsba) + offset;
    test::put32(wanted, at, test::get32(wanted, at) | 1U << bit);
  }
  EXPECT_EQ(after, wanted);
  EXPECT_NE(after, image);
}

// No descriptor of Ibex Peak or ICH10 is public; the number of their straps tells them.
TEST(DisableBitOfDescriptorAlone, IbexPeakAndIch10AreToldByTheNumberOfTheirStraps) {
  for (const auto& [isl, flmap2, family] : {std::tuple{0x10U, 0x00000120U, "IBX"}, std::tuple{0x0BU, 0x20U, "IBX"},
                                            std::tuple{0x0AU, 0x00000120U, "ICH10"}, std::tuple{0x03U, 0U, "ICH10"}}) {
    const Buffer image = make_descriptor(old(isl, flmap2));
    const auto d = flash::parse_descriptor(ByteView(image)).value();
    const DisableBits found = find_disable_bits(d, ByteView(image), {.region = FirmwareFacts::Region::outside});
    EXPECT_THAT(found.platform.families, testing::ElementsAre(family)) << isl;
    EXPECT_EQ(found.platform.confidence, Confidence::probable);
    EXPECT_FALSE(found.bits.empty());
  }
}

// A MacBook Pro 8.2: PCHSTRP10 0x00810044 where every other board has 0x00400000.
TEST(DisableBitOfDescriptorAlone, TheStrapOfAMacBookIsOfCougarPoint) {
  for (const std::uint32_t strap : {0x00810044U, 0x008100C4U}) {
    const Buffer image = make_descriptor(old(0x12, 0x00210120, {{0x28, strap}}));
    const auto d = flash::parse_descriptor(ByteView(image)).value();
    const DisableBits found = find_disable_bits(d, ByteView(image), {.region = FirmwareFacts::Region::outside});
    for (const Refusal& refusal : found.refusals) EXPECT_NE(refusal.id, "shape") << refusal.reason;
    EXPECT_EQ(found.set(), (strap & 0x80U) != 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Boards, DisableBitOfBoard, testing::ValuesIn(boards()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace quell::intel
