// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/update_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "intel/cse_specimen.h"
#include "intel/region_report.h"
#include "intel/sku.h"
#include "specimen/intel.h"

namespace quell::intel {
namespace {

using namespace test;

// A manifest with one $UDC record, and behind it the partition that the record vouches for.
Buffer update(const Buffer& content, std::uint32_t claimed_size) {
  constexpr std::uint64_t header = 0x284;
  constexpr std::uint64_t record_size = 0x44;
  constexpr std::uint64_t content_at = 0x400;
  Canvas record(record_size, std::byte{0});
  record.text(0, "$UDC")
      .u32(4, record_size / 4)
      .text(8, "FTPR")
      .put(0x0C, reversed(hash(HashAlgorithm::sha256, content)));
  record.text(0x2C, "FTPR").u32(0x3C, content_at - header).u32(0x40, claimed_size);
  Canvas out(content_at + content.size());
  out.put(0, signed_manifest(record.bytes(), {.version = {7, 1, 2, 3}})).put(content_at, content);
  return out.bytes();
}

TEST(UpdateImage, VerifiesEachPartition) {
  const Buffer content = pattern(0x500, 3);
  Buffer bytes = update(content, 0x500);
  const auto good = parse_update(ByteView(bytes));
  ASSERT_TRUE(good.has_value());
  ASSERT_EQ(good->partitions.size(), 1U);
  EXPECT_TRUE(good->partitions[0].digest_matches(false));
  const EngineReport report = report_update(*good, Depth::everything);
  EXPECT_EQ(report.facts.text("signature"), "valid");
  EXPECT_EQ(report.facts.text("type"), "Update");
  EXPECT_THAT(report.findings, testing::IsEmpty());
  EXPECT_EQ(report.actions.at(0).state, Action::State::impossible);

  bytes.back() ^= std::byte{1};
  const auto bad = parse_update(ByteView(bytes));
  const auto findings = report_update(*bad, Depth::everything).findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].id, "intel.partition.digest");
  EXPECT_EQ(findings[0].severity, Severity::error);
}

// Real: a file of ME 4 without its last 16 bytes, which were 0xFF.
TEST(UpdateImage, LostPaddingIsNoDamage) {
  Buffer content = pattern(0x500, 3);
  for (std::size_t i = 0x4F0; i < content.size(); ++i) content[i] = std::byte{0xFF};
  Buffer bytes = update(content, 0x500);
  bytes.resize(bytes.size() - 16);
  const auto findings = report_update(*parse_update(ByteView(bytes)), Depth::everything).findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].id, "intel.partition.padding-lost");
  EXPECT_EQ(findings[0].severity, Severity::warning);
  EXPECT_THAT(findings[0].title, testing::HasSubstr("the last 16 bytes of FTPR are missing"));
  bytes.pop_back();
  bytes.resize(bytes.size() - 16);
  EXPECT_EQ(report_update(*parse_update(ByteView(bytes)), Depth::everything).findings.at(0).id,
            "intel.partition.digest");
}

// Real: files of ME 2 begin with a manifest of an older version than that of the partitions in them.
TEST(UpdateImage, TheVersionIsThatOfWhatIsInstalled) {
  const Buffer inner = signed_manifest(Buffer(0x40), {.version = {7, 1, 9, 9}});
  const Buffer bytes = update(inner, static_cast<std::uint32_t>(inner.size()));
  const EngineReport report = report_update(*parse_update(ByteView(bytes)), Depth::structure);
  EXPECT_EQ(report.facts.text("version"), "7.1.9.9");
  EXPECT_EQ(report.facts.text("head_version"), "7.1.2.3");
}

TEST(UpdateImage, AManifestWithNothingBehindItIsNoUpdate) {
  Buffer bytes = signed_manifest(partition_information("PMCP", 0x1000, Buffer(32)), {.version = {300, 1, 20, 1024}});
  for (const std::size_t padding : {0U, 64U}) {
    bytes.resize(bytes.size() + padding, std::byte{0xFF});
    const EngineReport report = report_update(*parse_update(ByteView(bytes)), Depth::structure);
    EXPECT_EQ(report.title, "Intel PMC 300.1.20.1024 manifest of PMCP");
    EXPECT_EQ(report.facts.text("type"), "Manifest");
    EXPECT_EQ(report.facts.text("family"), "PMC");
  }
}

TEST(Sku, IsReadFromTheCapabilities) {
  struct Case {
    Version version;
    std::uint32_t capabilities;
    const char* sku;
  };
  const std::vector<Case> cases{{{3, 2, 1, 1022}, 0x0E, "AMT"},          {{4, 0, 1, 1}, 0x20AC, "ALL"},
                                {{4, 2, 40, 1048}, 0x8C, "AMT"},         {{4, 0, 4, 1126}, 0x20A0, "TPM"},
                                {{5, 0, 1, 1}, 0x83E, "Digital Office"}, {{6, 0, 30, 1199}, 0, "Ignition IBX"},
                                {{6, 0, 50, 1244}, 0, "Ignition CCK"},   {{6, 1, 0, 1042}, 0x6EFC77, "5MB DT"},
                                {{6, 2, 0, 1022}, 0xEEDC77, "5MB MB"},   {{6, 2, 0, 1022}, 0xEEFC77, "5MB MB"},
                                {{7, 0, 0, 1135}, 0x01001C70, "1.5MB"},  {{7, 0, 1, 1205}, 0x81001C70, "Slim"},
                                {{7, 1, 10, 1065}, 0x01101C70, "1.5MB"}};
  for (const Case& one : cases) {
    Canvas record(0x10, std::byte{0});
    record.text(0, "$SKU").u32(4, 3).u32(8, one.capabilities);
    const Buffer bytes = signed_manifest(record.bytes(), {.version = one.version});
    EXPECT_EQ(sku_of(parse_manifest(ByteView(bytes)).value(), "ME"), one.sku) << to_string(one.version);
  }
}

TEST(ProductionReady, StandsInTheDataRecord) {
  Canvas record(0x30, std::byte{0});
  record.text(0, "$DAT").u32(4, 0x29).u32(0x10, 1);
  const auto ready = [&](Version version, std::string_view family) {
    const Buffer bytes = signed_manifest(record.bytes(), {.version = version});
    return production_ready(parse_manifest(ByteView(bytes)).value(), family);
  };
  EXPECT_EQ(ready({8, 1, 0, 1248}, "ME"), true);
  EXPECT_EQ(ready({2, 0, 2, 2092}, "TXE"), true);
  EXPECT_EQ(ready({7, 1, 0, 1}, "ME"), std::nullopt);
  record.u32(0x10, 0);
  EXPECT_EQ(ready({10, 0, 0, 1}, "ME"), false);
}

// Files of ME 7 to 10 have no list of partitions: the module tables in them say how long they are.
TEST(UpdateImage, WithoutAListIsCutShortWhereModulesAreMissing) {
  const Buffer whole = specimen::intel_update_image(specimen::IntelFlavour::me8);
  const auto found = [](const Buffer& bytes) {
    std::vector<std::string> ids;
    for (const Finding& finding : report_update(*parse_update(ByteView(bytes)), Depth::structure).findings)
      ids.push_back(finding.id);
    return ids;
  };
  EXPECT_THAT(found(whole), testing::Not(testing::Contains("intel.update.cut-short")));
  const Buffer half(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2));
  EXPECT_THAT(found(half), testing::Contains("intel.update.cut-short"));
}

TEST(UpdateImage, DoesNotTrustTheSizesInItsRecords) {
  const Buffer bytes = update(pattern(0x500, 3), 0xFFFFFFFF);
  const auto update_image = parse_update(ByteView(bytes));
  ASSERT_TRUE(update_image.has_value());
  ASSERT_EQ(update_image->partitions.size(), 1U);
  EXPECT_FALSE(update_image->partitions[0].digest_matches(false));
  for (const Artifact& artifact : artifacts_of(*update_image)) {
    EXPECT_TRUE(!artifact.range || ByteView(bytes).has(artifact.range->offset, artifact.range->size)) << artifact.path;
  }
}

}  // namespace
}  // namespace quell::intel
