// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/update_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "intel/cse_specimen.h"

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
  EXPECT_EQ(good->signature, SignatureState::valid);
  EXPECT_TRUE(good->partitions[0].digest_matches(false));
  const EngineReport report = report_update(*good, Depth::everything);
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
