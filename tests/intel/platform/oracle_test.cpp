// SPDX-License-Identifier: GPL-2.0-or-later
// Real descriptors: platform, place and state of the bit as recorded, and agreement with the table of places.
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "intel/disable_bit.h"
#include "support/descriptors.h"

namespace quell::intel {
namespace {

nlohmann::json oracle(const char* name) { return nlohmann::json::parse(std::ifstream(test::shared(name))); }

// "CPT/PPT" covers "PPT": what is said must be at least as fine as the record.
bool within(const std::string& name, const std::string& recorded) {
  const auto split = [](const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, '/');) parts.push_back(part);
    return parts;
  };
  const auto wide = split(recorded);
  return std::ranges::all_of(split(name),
                             [&](const auto& part) { return std::ranges::find(wide, part) != wide.end(); });
}

TEST(PlatformOracle, EveryRealDescriptorIsIdentifiedAsRecorded) {
  QUELL_NEEDS_SHARED("oracle/platform.json");
  const auto records = oracle("oracle/platform.json");
  EXPECT_EQ(records.size(), test::corpus_descriptors().size());
  for (const auto& record : records) {
    const std::string name = record["descriptor"];
    SCOPED_TRACE(name);
    const Buffer image = test::bytes_of(test::shared("corpus/descriptors/" + name));
    const auto d = flash::parse_descriptor(ByteView(image));
    ASSERT_TRUE(d);
    const auto found = find_disable_bits(*d, ByteView(image), firmware_facts(*d, ByteView(image)));
    EXPECT_TRUE(within(found.platform.name, record["platform"])) << found.platform.name;
    if (record["disable_bit"].is_null()) {
      EXPECT_TRUE(found.bits.empty());
      continue;
    }
    ASSERT_FALSE(found.bits.empty());
    EXPECT_EQ(fmt::format("{:#x}", found.bits[0].relative), record["disable_bit"]["offset_from_fpsba"]);
    EXPECT_EQ(found.bits[0].bit, record["disable_bit"]["bit"]);
    EXPECT_EQ(found.set(), record["disable_bit"]["set"].get<bool>());
  }
}

TEST(PlatformOracle, NothingIsWrittenWithoutTheEnginesVersion) {
  QUELL_NEEDS_SHARED("corpus/descriptors");
  for (const auto& path : test::corpus_descriptors()) {
    SCOPED_TRACE(path);
    const Buffer image = test::bytes_of(path);
    const auto d = flash::parse_descriptor(ByteView(image));
    ASSERT_TRUE(d);
    for (const auto region :
         {FirmwareFacts::Region::unread, FirmwareFacts::Region::absent, FirmwareFacts::Region::outside,
          FirmwareFacts::Region::blank, FirmwareFacts::Region::unrecognised, FirmwareFacts::Region::present}) {
      const auto found = find_disable_bits(*d, ByteView(image), {.region = region});
      PlanBuilder builder{ByteView(image)};
      const auto edits = plan_disable(builder, *d, found, {});
      if (edits) {
        EXPECT_TRUE(edits->already);
        EXPECT_TRUE(std::move(builder).build({}).empty());
        continue;
      }
      EXPECT_EQ(edits.error().code, Errc::refused);
      for (const DisableBit& bit : found.candidates) EXPECT_THAT(edits.error().message, testing::HasSubstr(bit.strap));
    }
  }
}

TEST(PlatformOracle, NothingIsWrittenWhenTheVersionContradictsTheDescriptor) {
  QUELL_NEEDS_SHARED("corpus/descriptors");
  const std::vector<std::pair<std::string, Version>> versions{
      {"ME", {2, 0, 2, 1114}},    {"ME", {4, 0, 4, 1126}},    {"ME", {6, 0, 3, 1195}},   {"ME", {7, 1, 10, 1065}},
      {"ME", {8, 1, 0, 1248}},    {"ME", {9, 0, 20, 1447}},   {"ME", {10, 0, 35, 1012}}, {"ME", {11, 8, 50, 3425}},
      {"ME", {12, 0, 49, 1534}},  {"ME", {13, 50, 15, 1475}}, {"ME", {14, 0, 33, 1125}}, {"ME", {15, 0, 35, 1951}},
      {"ME", {15, 40, 10, 2252}}, {"ME", {16, 1, 30, 2307}},  {"ME", {16, 50, 5, 1324}}, {"ME", {18, 0, 5, 2098}},
      {"TXE", {1, 1, 4, 1145}},   {"TXE", {4, 0, 5, 1280}},   {"SPS", {4, 1, 4, 381}}};
  std::size_t contradictions = 0;
  for (const auto& path : test::corpus_descriptors()) {
    const Buffer image = test::bytes_of(path);
    const auto d = flash::parse_descriptor(ByteView(image));
    const auto alone = find_disable_bits(*d, ByteView(image), {});
    for (const auto& [product, version] : versions) {
      for (const char* variant : {"", "LP", "H"}) {
        SCOPED_TRACE(fmt::format("{} {} {} {}", path.string(), product, version.major, variant));
        const FirmwareFacts facts{FirmwareFacts::Region::present, product, version, true, variant, {}};
        const auto found = find_disable_bits(*d, ByteView(image), facts);
        if (found.platform.confidence != Confidence::conflict) {
          // What is not a contradiction lies within what the descriptor alone says.
          EXPECT_THAT(alone.platform.families, testing::IsSupersetOf(found.platform.families));
          continue;
        }
        ++contradictions;
        PlanBuilder builder{ByteView(image)};
        const auto edits = plan_disable(builder, *d, found, {});
        ASSERT_FALSE(edits);
        EXPECT_EQ(edits.error().code, Errc::refused);
      }
    }
  }
  EXPECT_GT(contradictions, 1500U);
}

// The embedded table is the recorded one plus a column for the family and one for what is written.
TEST(PlatformOracle, TableOfPlacesIsTheRecordedOne) {
  QUELL_NEEDS_SHARED("data/hap-locations.csv");
  const auto read = [](const std::filesystem::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string theirs_text = read(test::shared("data/hap-locations.csv"));
  const std::string ours_text = read(std::filesystem::path(QUELL_SOURCE) / "data/intel-disable-bits.csv");
  const Csv theirs(theirs_text);
  const Csv ours(ours_text);
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto cell = [i](const Csv& table, std::string_view column) {
      return std::string(table.cell(i, table.column(column).value()));
    };
    EXPECT_EQ(cell(ours, "platform"), cell(theirs, "platform"));
    EXPECT_EQ((cell(ours, "base") == "fmsba" ? "FMSBA+" : "") + cell(ours, "offset"),
              cell(theirs, "offset_from_fpsba_hex"));
    EXPECT_EQ(cell(ours, "bit"), cell(theirs, "bit"));
    EXPECT_EQ(cell(ours, "evidence"), cell(theirs, "evidence"));
  }
}

}  // namespace
}  // namespace quell::intel
