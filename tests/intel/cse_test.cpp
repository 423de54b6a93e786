// SPDX-License-Identifier: GPL-2.0-or-later
// The verification chain on images made for the purpose: what is whole verifies, what is changed is found and named.
#include "intel/cse/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <deque>

#include "base/budget.h"
#include "intel/cse/report.h"
#include "intel/cse_specimen.h"

namespace quell::intel {
namespace {

using namespace test;

// The image only points into its bytes, which therefore live until the program ends.
CseImage checked(Buffer bytes) {
  static std::deque<Buffer> kept;
  auto image = parse_cse(ByteView(kept.emplace_back(std::move(bytes))));
  EXPECT_TRUE(image.has_value()) << image.error().message;
  if (!image) return {};
  verify(*image);
  return *std::move(image);
}

const CseModule& module_of(const CseImage& image, std::string_view partition, std::string_view name) {
  const CsePartition* owner = image.find(partition);
  const auto found = std::ranges::find(owner->modules, name, &CseModule::name);
  EXPECT_NE(found, owner->modules.end()) << name;
  return *found;
}

std::vector<std::string> finding_ids(const CseImage& image, Severity least = Severity::error) {
  std::vector<std::string> out;
  for (const Finding& finding : audit(image, {})) {
    if (finding.severity >= least) out.push_back(finding.id);
  }
  return out;
}

Buffer flipped(Buffer bytes, std::uint64_t at) {
  bytes.at(at) ^= std::byte{0x10};
  return bytes;
}

TEST(CseVerification, AcceptsAWholeImageDownToEachModule) {
  const CseImage image = checked(classic_region({{"FTPR", 0, ftpr()}}));
  ASSERT_EQ(image.partitions.size(), 1U);
  EXPECT_EQ(image.partitions[0].signature, SignatureState::valid);
  EXPECT_EQ(image.partitions[0].digest, Integrity::verified) << image.partitions[0].digest_reason;
  const CseTally tally = image.tally();
  EXPECT_EQ(tally.metadata_verified, 5U);
  EXPECT_EQ(tally.huffman, 2U);
  EXPECT_EQ(tally.lzma_packed, 1U);
  EXPECT_EQ(tally.lzma_unpacked, 1U);
  EXPECT_EQ(tally.plain, 1U);
  EXPECT_EQ(tally.failed, 0U);
  EXPECT_THAT(finding_ids(image), testing::IsEmpty());
}

class OneByteChanged : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Modules, OneByteChanged, testing::Values("kernel", "bup", "vfs", "ish_main", "cfg"));

TEST_P(OneByteChanged, IsFoundInTheModuleAndInThePartition) {
  const Buffer whole = classic_region({{"FTPR", 0, ftpr()}});
  const Range place = module_of(checked(whole), "FTPR", GetParam()).stored;
  const CseImage image = checked(flipped(whole, place.offset + place.size / 2));
  EXPECT_EQ(module_of(image, "FTPR", GetParam()).integrity, Integrity::failed);
  EXPECT_EQ(image.tally().failed, 1U);
  EXPECT_EQ(image.partitions[0].digest, Integrity::failed);
  EXPECT_EQ(image.partitions[0].signature, SignatureState::valid) << "the manifest itself is untouched";
  EXPECT_THAT(finding_ids(image), testing::UnorderedElementsAre("intel.partition.digest", "intel.module.digest"));
}

TEST(CseVerification, FindsAChangedMetadataFile) {
  const Buffer whole = classic_region({{"FTPR", 0, ftpr()}});
  const Range place = module_of(checked(whole), "FTPR", "bup.met").stored;
  const CseImage image = checked(flipped(whole, place.end() - 1));
  EXPECT_EQ(module_of(image, "FTPR", "bup.met").integrity, Integrity::failed);
  EXPECT_EQ(module_of(image, "FTPR", "bup").integrity, Integrity::failed) << "its digest stands in that file";
  EXPECT_EQ(module_of(image, "FTPR", "kernel").integrity, Integrity::verified);
}

TEST(CseVerification, FindsAChangedManifest) {
  const Buffer whole = classic_region({{"FTPR", 0, ftpr()}});
  const CseImage good = checked(whole);
  const CseImage image = checked(flipped(whole, good.partitions[0].manifest->bytes.origin() + 0x290));
  EXPECT_EQ(image.partitions[0].signature, SignatureState::invalid);
  EXPECT_THAT(finding_ids(image), testing::Contains("intel.signature.invalid"));
}

TEST(CseVerification, TellsAnUnsignedPartitionFromABrokenSignature) {
  PartitionOptions options;
  options.is_signed = false;
  const CseImage image = checked(code_partition("SMIP", {{"smip", pattern(0x100, 1), false, 0x100}}, options));
  EXPECT_EQ(image.partitions[0].signature, SignatureState::empty);
  EXPECT_EQ(module_of(image, "SMIP", "smip").integrity, Integrity::unsigned_part);
  EXPECT_THAT(finding_ids(image), testing::IsEmpty());
}

TEST(CseVerification, CountsErasedEncryptedAndEmptyModulesApart) {
  std::vector<File> files = plain_module("gone", Buffer(0x80, std::byte{0xFF}));
  std::vector<File> secret = plain_module("pavp", pattern(0x80, 1));
  secret[1].stored[9] = std::byte{1};  // the encryption byte; the manifest lists the file as it now is
  files.insert(files.end(), secret.begin(), secret.end());
  files.push_back({"nothing", {}, false, 0});
  const CseImage image = checked(code_partition("NFTP", files));
  EXPECT_EQ(image.tally().erased, 1U);
  EXPECT_EQ(image.tally().empty, 1U);
  EXPECT_EQ(module_of(image, "NFTP", "pavp").reason, "encrypted");
  EXPECT_EQ(image.tally().failed, 0U);
}

// Firmware since 12.0.30: no metadata, digests in a table of rbe.
Buffer tabled_region(const Buffer& rbe) {
  const Buffer main = pattern(0x2000, 8);
  const Buffer packed = specimen::intel_lzma(pattern(0x700, 9), true);
  std::vector<File> files{{"loader", huffman().pack(main, "data"), true, static_cast<std::uint32_t>(main.size())},
                          {"smbus", packed, false, static_cast<std::uint32_t>(packed.size())},
                          {"table", pattern(0x99, 10), false, 0x99}};
  return classic_region(
      {{"RBEP", 0, code_partition("RBEP", plain_module("rbe", rbe))}, {"FTPR", 0, code_partition("FTPR", files)}});
}

TEST(CseVerification, FindsDigestsInTheTablesOfRbe) {
  const Buffer rbe =
      digest_table({pattern(0x2000, 8), specimen::intel_lzma(pattern(0x700, 9), true), pattern(0x99, 10)});
  const CseImage image = checked(tabled_region(rbe));
  const CseTally tally = image.tally();
  EXPECT_EQ(tally.tabled_huffman, 1U);
  EXPECT_EQ(tally.tabled_lzma, 1U);
  EXPECT_EQ(tally.tabled_plain, 1U);
  EXPECT_EQ(tally.failed, 0U);
}

TEST(CseVerification, FailsAModuleThatIsInNoTable) {
  const Buffer rbe =
      digest_table({pattern(0x2000, 1), specimen::intel_lzma(pattern(0x700, 9), true), pattern(0x99, 10)});
  const CseImage image = checked(tabled_region(rbe));
  EXPECT_EQ(module_of(image, "FTPR", "loader").integrity, Integrity::failed);
  EXPECT_EQ(module_of(image, "FTPR", "smbus").integrity, Integrity::verified);
}

TEST(CseVerification, DoesNotTrustTheTablesOfAnRbeThatWasChanged) {
  const Buffer rbe =
      digest_table({pattern(0x2000, 8), specimen::intel_lzma(pattern(0x700, 9), true), pattern(0x99, 10)});
  const Buffer whole = tabled_region(rbe);
  const Range place = module_of(checked(whole), "RBEP", "rbe").stored;
  const CseImage image = checked(flipped(whole, place.end() - 1));
  EXPECT_EQ(module_of(image, "RBEP", "rbe").integrity, Integrity::failed);
  EXPECT_EQ(module_of(image, "FTPR", "loader").integrity, Integrity::uncheckable);
}

TEST(CseContainers, AreReadAlikeWhateverIsAroundThem) {
  const Buffer data = data_partition({{"MFS", 0, mfs_volume({{6, pattern(0x200, 1)}})}}, 0);
  for (const bool new_layout : {false, true}) {
    const Buffer boot =
        boot_partition({{"", 2, ftpr()}, {"", 14, code_partition("PMCP", plain_module("PMCC000", pattern(0x90, 2)))}},
                       new_layout ? 2 : 1);
    const Buffer bytes = ifwi_region(data, boot, new_layout);
    const CseImage image = checked(bytes);
    EXPECT_EQ(image.container, new_layout ? CseContainer::layout_1_7 : CseContainer::layout_1_6);
    ASSERT_EQ(image.partitions.size(), 2U);
    EXPECT_EQ(image.partitions[0].name, "FTPR");
    EXPECT_EQ(image.partitions[1].listed_as, "PMCP");
    EXPECT_EQ(image.tally().failed, 0U);
    ASSERT_EQ(image.boot_tables.size(), 1U);
    EXPECT_EQ(image.boot_tables[0].checksum, ChecksumState::valid);
    EXPECT_EQ(image.layout->checksum, new_layout ? ChecksumState::valid : ChecksumState::none);
    EXPECT_TRUE(image.mfs && image.mfs->find(6) != nullptr);
    EXPECT_THAT(finding_ids(image), testing::IsEmpty());

    const std::uint64_t table = image.boot_tables[0].range.offset;
    EXPECT_THAT(finding_ids(checked(flipped(bytes, table + 0x0C))), testing::Contains("intel.bpdt.checksum"));
  }
}

TEST(CseContainers, NoticeAChangedLayoutTable) {
  const Buffer bytes = ifwi_region(data_partition({}, 0), boot_partition({{"", 2, ftpr()}}, 2), true);
  EXPECT_THAT(finding_ids(checked(flipped(bytes, 0x4C))), testing::Contains("intel.layout.checksum"));
}

TEST(CseContainers, ApolloLakeCountsSecondaryEntriesFromThePrimaryTable) {
  const Buffer nftp = code_partition("NFTP", plain_module("nfc", pattern(0x90, 2)));
  const Buffer inner = ftpr();
  Canvas out(0x3000 + inner.size() + nftp.size());
  const std::uint64_t secondary = 0x1000 + inner.size();
  const std::uint64_t nftp_at = secondary + 0x1000;
  out.put(0, Buffer(0x30)).u32(0, 0x55AA).u16(4, 2).u8(6, 1);
  out.u32(0x18, 2).u32(0x1C, 0x1000).u32(0x20, static_cast<std::uint32_t>(inner.size()));
  out.u32(0x24, 5).u32(0x28, static_cast<std::uint32_t>(secondary)).u32(0x2C, 0x1000).put(0x1000, inner);
  out.put(secondary, Buffer(0x24)).u32(secondary, 0x55AA).u16(secondary + 4, 1).u8(secondary + 6, 1);
  out.u32(secondary + 0x18, 7).u32(secondary + 0x1C, static_cast<std::uint32_t>(nftp_at));
  out.u32(secondary + 0x20, static_cast<std::uint32_t>(nftp.size())).put(nftp_at, nftp);
  const CseImage image = checked(out.bytes());
  EXPECT_EQ(image.container, CseContainer::boot_region);
  ASSERT_NE(image.find("NFTP"), nullptr);
  EXPECT_EQ(image.find("NFTP")->bytes.origin(), nftp_at);
  EXPECT_EQ(image.tally().failed, 0U);
}

TEST(CseContainers, AnUpdateFileHoldsOnePartitionBehindTheOther) {
  Buffer bytes = ftpr();
  append(bytes, code_partition("NFTP", plain_module("nfc", pattern(0x90, 2))));
  const CseImage image = checked(bytes);
  EXPECT_EQ(image.partitions.size(), 2U);
  EXPECT_EQ(type_of(image), CseType::update);
  EXPECT_EQ(image.tally().failed, 0U);
}

TEST(CseContainers, SayWhatIsNotThere) {
  EXPECT_EQ(parse_cse(ByteView()).error().code, Errc::unrecognised);
  EXPECT_FALSE(parse_cse(ByteView(pattern(0x3000, 1))).has_value());
  const Buffer whole = classic_region({{"FTPR", 0, ftpr()}});
  const auto cut = parse_cse(ByteView(Bytes(whole).first(whole.size() - 0x800)));
  ASSERT_TRUE(cut.has_value());
  EXPECT_THAT(finding_ids(*cut), testing::Contains("intel.cse.cut-off"));
}

// 250 small streams of 15 MiB each: without a budget this would unpack for minutes.
TEST(CseBudget, KeepsHostileDirectoriesCheap) {
  const Buffer bomb = specimen::intel_lzma(Buffer(0xF00000), true);
  std::vector<File> files;
  for (int i = 0; i < 250; ++i) {
    files.push_back({"m" + std::to_string(i), bomb, false, static_cast<std::uint32_t>(bomb.size())});
  }
  const Buffer bytes = code_partition("FTPR", files);
  const CseImage image = checked(bytes);
  EXPECT_TRUE(image.budget_exhausted);
  EXPECT_THAT(finding_ids(image), testing::Contains("intel.cse.implausible"));
}

TEST(CseFacts, FileSystemStateFollowsTheFiles) {
  const auto state = [](const std::map<std::uint16_t, Buffer>& files) {
    const Buffer bytes = classic_region({{"FTPR", 0, ftpr()}, {"MFS", 0, mfs_volume(files)}});
    return file_system_state(*parse_cse(ByteView(bytes)));
  };
  EXPECT_EQ(state({{6, pattern(0x99, 1)}}), "Unconfigured");
  EXPECT_EQ(state({{6, pattern(0x99, 1)}, {7, pattern(0x99, 1)}}), "Configured");
  EXPECT_EQ(state({{6, pattern(0x99, 1)}, {8, pattern(0x99, 1)}}), "Initialized");
}

struct SkuCase {
  Version version;
  std::uint32_t capabilities;
  std::uint64_t attributes;
  const char* sku;
};

TEST(CseFacts, SkuComesFromTheClientSystemExtension) {
  const SkuCase cases[] = {
      {{12, 0, 7, 1122}, 0x100, 0x00, "Corporate H"}, {{12, 0, 7, 1122}, 0x200, 0x10, "Consumer LP"},
      {{14, 0, 7, 1122}, 0x200, 0x50, "Lite LP"},     {{12, 0, 7, 1122}, 0x000, 0x20, "Slim"},
      {{11, 6, 0, 1126}, 0x300, 0x010, "Consumer H"}, {{11, 6, 0, 1126}, 0x300, 0x410, "Consumer LP"}};
  for (const SkuCase& one : cases) {
    Canvas body(0x28, std::byte{0});
    body.u32(0, one.capabilities).u64(0x20, one.attributes);
    PartitionOptions options{.version = one.version};
    options.more_extensions = {extension(0x0C, body.bytes())};
    const Buffer bytes = code_partition("FTPR", plain_module("x", pattern(0x90, 2)), options);
    const auto image = parse_cse(ByteView(bytes));
    ASSERT_TRUE(image.has_value());
    EXPECT_EQ(sku_of(*image), one.sku);
  }
}

TEST(CseFacts, StockImagesHaveNoToolVersion) {
  const auto type = [](std::uint16_t build) {
    const Buffer other = code_partition("NFTP", plain_module("x", pattern(0x90, 2)));
    const Buffer bytes = classic_region({{"FTPR", 0, ftpr()}, {"NFTP", 0, other}, {"MFS", 0, mfs_volume({})}}, build);
    return type_of(*parse_cse(ByteView(bytes)));
  };
  EXPECT_EQ(type(0), CseType::stock);
  EXPECT_EQ(type(0xFFFF), CseType::stock);
  EXPECT_EQ(type(1122), CseType::extracted);
}

TEST(CseActions, RefuseToStripAndSayWhy) {
  const Buffer bytes = ifwi_region(data_partition({}, 0), boot_partition({{"", 2, ftpr()}}, 1), false);
  const auto image = parse_cse(ByteView(bytes));
  const Action strip = strip_action(*image);
  EXPECT_EQ(strip.state, Action::State::refused);
  EXPECT_TRUE(strip.lifted_by.empty());
  EXPECT_THAT(strip.reason, testing::HasSubstr("disable bit"));
}

TEST(CseArtifacts, UnpackToWhatWasPacked) {
  const Buffer bytes = classic_region({{"FTPR", 0, ftpr()}, {"MFS", 0, mfs_volume({{6, pattern(0x99, 1)}})}});
  const auto image = std::make_shared<const CseImage>(*parse_cse(ByteView(bytes)));
  std::map<std::string, Buffer> unpacked;
  for (const Artifact& artifact : artifacts_of(image, std::make_shared<Budget>(bytes.size()))) {
    if (artifact.unpack) unpacked[artifact.path] = artifact.unpack().value();
  }
  EXPECT_EQ(unpacked["intel/00001000-FTPR/01-kernel.bin"], pattern(0x3000, 1));
  EXPECT_EQ(unpacked["intel/00001000-FTPR/05-vfs.bin"], pattern(0x1800, 3));
  EXPECT_EQ(unpacked["intel/mfs/0006-Intel configuration.bin"], pattern(0x99, 1));
  EXPECT_EQ(unpacked.size(), 6U) << "four packed modules, one key, one file";
}

}  // namespace
}  // namespace quell::intel
