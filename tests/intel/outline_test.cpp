// SPDX-License-Identifier: GPL-2.0-or-later
// CSME 18 and later, known from public descriptions only: what is certain is read, what does not fit is unknown.
#include <gmock/gmock.h>

#include "intel/cse/image.h"
#include "intel/cse/layout.h"
#include "intel/cse/report.h"
#include "intel/cse_specimen.h"
#include "intel/region_report.h"
#include "specimen/intel_parts.h"

namespace quell::intel {
namespace {

using namespace test;

// A layout table of the size that the checked area gives, with rows for data, one boot partition and the last one.
Buffer layout(std::uint16_t checked, const Buffer& data, const Buffer& boot) {
  Buffer region = ifwi_region(data, boot, true);
  Canvas canvas(region.size());
  canvas.put(0, region).put(0x50, Buffer(0x30)).u16(0x10, checked).u32(0x14, 0);
  const std::uint64_t last = 0x10 + std::uint64_t{checked} - 8;
  canvas.u32(last, 0x200).u32(last + 4, 0x100);
  canvas.u32(0x14, crc32(Bytes(canvas.bytes()).subspan(0x10, checked)));
  return canvas.bytes();
}

TEST(OutlineLayout, HasTheRowsOfItsSize) {
  const Buffer boot = boot_partition({{"", 2, ftpr()}}, 2);
  for (const auto& [checked, last] : {std::pair{0x48, "event log"}, {0x58, "fault log"}, {0x60, "second fault log"}}) {
    const Buffer bytes = layout(static_cast<std::uint16_t>(checked), data_partition({}, 0), boot);
    const auto table = parse_layout_table(ByteView(bytes));
    ASSERT_TRUE(table.has_value()) << checked;
    EXPECT_EQ(table->checksum, ChecksumState::valid) << checked;
    ASSERT_NE(table->find(last), nullptr) << checked;
    EXPECT_EQ(table->find(last)->range, (Range{0x200, 0x100})) << checked;
    EXPECT_EQ(table->parts.size(), 3U) << checked;
    Buffer damaged = bytes;
    damaged.at(0x0F + static_cast<std::size_t>(checked)) ^= std::byte{1};
    EXPECT_EQ(parse_layout_table(ByteView(damaged))->checksum, ChecksumState::invalid) << checked;
  }
}

Buffer manifest_4096(std::array<std::uint16_t, 4> version, const std::string& tail = std::string(0x100, 'x')) {
  const specimen::ManifestSpec spec{.version = version, .key_bits = 4096, .exponent = 65537};
  Buffer manifest = specimen::unsigned_manifest(spec, as_bytes(tail));
  specimen::sign_manifest(manifest, spec);
  return manifest;
}

TEST(OutlineManifest, OfRsa4096IsReadAndNeverCalledDamaged) {
  Buffer bytes = manifest_4096({18, 0, 5, 2098});
  auto manifest = parse_manifest(ByteView(bytes));
  ASSERT_TRUE(manifest.has_value()) << manifest.error().message;
  EXPECT_EQ(manifest->key_size, 0x200U);
  EXPECT_EQ(to_string(manifest->version), "18.0.5.2098");
  EXPECT_EQ(verify_signature(*manifest), SignatureState::valid);
  bytes.back() ^= std::byte{1};
  manifest = parse_manifest(ByteView(bytes));
  EXPECT_EQ(verify_signature(*manifest), SignatureState::unverified);
  EXPECT_FALSE(signature_finding(*manifest, SignatureState::unverified, "RBEP").has_value());
  EXPECT_EQ(describe_manifest(*manifest, SignatureState::unverified, "x").checks.at(0).state, CheckState::not_checked);
}

TEST(OutlineImage, IsNamedByItsFirstStageAndNotCalledDamaged) {
  const PartitionOptions first{.version = {18, 0, 5, 2098}};
  const PartitionOptions other{.version = {1, 2, 3, 4}};
  Buffer odd = code_partition("FTPR", plain_module("kernel", pattern(0x90, 2)), other);
  odd.at(odd.size() - 0x800) ^= std::byte{1};
  const Buffer rbep = code_partition("RBEP", plain_module("rbe", pattern(0x200, 3)), first);
  Buffer changed = rbep;
  changed.at(changed.size() - 1) ^= std::byte{1};
  const Buffer boot = boot_partition({{"", 1, changed}, {"", 2, odd}, {"", 77, pattern(0x1000, 9)}}, 2);
  const Buffer bytes = layout(0x58, data_partition({}, 0), boot);
  auto image = parse_cse(ByteView(bytes));
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->main()->name, "RBEP");
  EXPECT_TRUE(in_outline(*image));
  verify(*image);
  for (const Finding& finding : audit(*image, {})) EXPECT_LT(finding.severity, Severity::warning) << finding.title;
  EXPECT_EQ(strip_action(*image).state, Action::State::refused);
}

TEST(UnlistedDirectory, IsFoundByItsHeader) {
  const Buffer extra = code_partition("DNXP", plain_module("x", pattern(0x90, 2)));
  Buffer bytes = classic_region({{"FTPR", 0, ftpr()}});
  const std::size_t at = bytes.size();
  bytes.insert(bytes.end(), extra.begin(), extra.end());
  const auto image = parse_cse(ByteView(bytes));
  ASSERT_TRUE(image.has_value());
  const CsePartition* found = image->find("DNXP");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->bytes.origin(), at);
}

TEST(CodePartition, WithoutItsDirectoryIsDamaged) {
  const Buffer other = code_partition("NFTP", plain_module("x", pattern(0x90, 2)));
  Buffer bytes = classic_region({{"FTPR", 0, ftpr()}, {"NFTP", 0, other}});
  EXPECT_TRUE(parse_cse(ByteView(bytes))->damage.empty());
  bytes.at(0x1000) ^= std::byte{0x10};
  EXPECT_FALSE(parse_cse(ByteView(bytes))->damage.empty());
}

TEST(MfsChecksums, ThatAreNotStoredAreNotWrong) {
  Buffer volume = mfs_volume({{6, pattern(0x99, 1)}, {7, pattern(0x80, 2)}});
  const auto whole = parse_mfs(ByteView(volume)).value();
  EXPECT_EQ(whole.chunk_checksums.not_stored, 0U);
  const std::uint64_t chunk = *whole.chunk_places.at(whole.find(7)->chunks.at(0));
  volume.at(chunk + mfs_chunk_size) = volume.at(chunk + mfs_chunk_size + 1) = std::byte{0};
  const auto hot = parse_mfs(ByteView(volume)).value();
  EXPECT_EQ(hot.chunk_checksums.wrong, 0U);
  EXPECT_EQ(hot.chunk_checksums.not_stored, 1U);
  EXPECT_EQ(hot.chunk_checksums.checked + 1, whole.chunk_checksums.checked);
  volume.at(chunk) ^= std::byte{1};
  volume.at(chunk + mfs_chunk_size) = std::byte{1};
  EXPECT_EQ(parse_mfs(ByteView(volume)).value().chunk_checksums.wrong, 1U);
}

}  // namespace
}  // namespace quell::intel
