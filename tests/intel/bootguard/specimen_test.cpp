// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>

#include "flash/coreboot.h"
#include "intel/boot_guard.h"
#include "specimen/other.h"
#include "support/report_json.h"

namespace quell::intel {
namespace {

using specimen::BootGuardFlavour;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::uint64_t everything = ~std::uint64_t{0};

BootGuard read(const Buffer& bytes) { return read_boot_guard(Image("specimen", ByteView(bytes)), everything); }

TEST(BootGuard, VerdictFollowsWhatTheFitReaches) {
  struct Case {
    BootGuardFlavour flavour;
    BootGuardVerdict verdict;
    std::string_view generation;
  };
  for (const Case& c : {Case{BootGuardFlavour::none, BootGuardVerdict::absent, ""},
                        Case{BootGuardFlavour::v1, BootGuardVerdict::present, "Boot Guard 1.0"},
                        Case{BootGuardFlavour::cbnt, BootGuardVerdict::present, "CBnT"},
                        Case{BootGuardFlavour::no_fit, BootGuardVerdict::unknown, ""},
                        Case{BootGuardFlavour::km_alone, BootGuardVerdict::likely, "Boot Guard 1.0"}}) {
    const Buffer bytes = specimen::bios_region(c.flavour);
    const BootGuard guard = read(bytes);
    EXPECT_EQ(guard.evidence.verdict, c.verdict);
    EXPECT_EQ(guard.evidence.generation, c.generation);
    EXPECT_EQ(guard.evidence.forbids_stripping(),
              c.verdict == BootGuardVerdict::present || c.verdict == BootGuardVerdict::likely);
  }
}

TEST(BootGuard, EverySignatureAndDigestOfTheSpecimensHolds) {
  for (const auto flavour : {BootGuardFlavour::v1, BootGuardFlavour::cbnt}) {
    const Buffer bytes = specimen::bios_region(flavour);
    const BootGuard guard = read(bytes);
    ASSERT_EQ(guard.acms.size(), 1U);
    EXPECT_EQ(guard.acms[0].signature, SignatureVerdict::valid);
    EXPECT_EQ(guard.key_manifest->signature.state, SignatureVerdict::valid);
    EXPECT_EQ(guard.boot_policy->signature->state, SignatureVerdict::valid);
    EXPECT_EQ(guard.policy_key_matches, true);
    EXPECT_EQ(guard.ibb_digest, "SHA256 matches");
    EXPECT_THAT(guard.evidence.protected_ranges, Contains(Range{0x3F000, 0xF00}));
    EXPECT_TRUE(guard.findings.empty());
  }
}

TEST(BootGuard, AFlippedBitIsNoticedWhereItLies) {
  struct Case {
    std::size_t offset;
    std::string_view id;
  };
  // In the module's body, the key manifest's id, the policy's NEM size, the initial boot block.
  for (const Case& c :
       {Case{0x2A000, "intel.bootguard.acm.signature-bad"}, Case{0x21000 + 0x13, "intel.bootguard.km.signature-bad"},
        Case{0x22000 + 0x12, "intel.bootguard.bpm.signature-bad"},
        Case{0x3F100, "intel.bootguard.ibb.digest-mismatch"}}) {
    Buffer bytes = specimen::bios_region(BootGuardFlavour::cbnt);
    bytes.at(c.offset) ^= std::byte{1};
    const auto image = test::inspect(bytes, "specimen");
    EXPECT_FALSE(test::finding(image, c.id).is_null()) << c.id;
  }
}

struct Alteration {
  std::string_view what;
  std::uint64_t offset;
  SignatureVerdict acm = SignatureVerdict::valid;
  SignatureVerdict key_manifest = SignatureVerdict::valid;
  SignatureVerdict boot_policy = SignatureVerdict::valid;
  bool key_matches = true;
};

// Key and signature of a manifest: +0x0A modulus[256], +0x10A header, +0x111 signature[256].
TEST(BootGuard, AnAlteredManifestKeyOrSignatureIsRefused) {
  constexpr auto invalid = SignatureVerdict::invalid;
  for (const auto flavour : {BootGuardFlavour::v1, BootGuardFlavour::cbnt}) {
    const Buffer good = specimen::bios_region(flavour);
    const BootGuard sound = read(good);
    const std::uint64_t km = sound.key_manifest->range.offset + sound.key_manifest->signature.offset;
    const std::uint64_t bpm = sound.boot_policy->range.offset + sound.boot_policy->signature->offset;
    const std::uint64_t acm = sound.acms.at(0).range.offset;
    for (const Alteration& c :
         {Alteration{.what = "ACM header", .offset = acm + 0x15, .acm = invalid},
          Alteration{.what = "ACM modulus", .offset = acm + 0x80, .acm = invalid},
          Alteration{.what = "ACM signature", .offset = acm + 0x184, .acm = invalid},
          Alteration{.what = "ACM's last byte", .offset = acm + 0x3FFF, .acm = invalid},
          Alteration{.what = "last signed byte of the key manifest",
          .offset = km - 1,
          .key_manifest = invalid,
          .key_matches = false},
          Alteration{.what = "key manifest modulus", .offset = km + 0xA, .key_manifest = invalid},
          Alteration{.what = "key manifest signature", .offset = km + 0x111 + 255, .key_manifest = invalid},
          Alteration{.what = "boot policy", .offset = 0x22012, .boot_policy = invalid},
          Alteration{.what = "boot policy modulus", .offset = bpm + 0xA, .boot_policy = invalid, .key_matches = false},
          Alteration{.what = "boot policy signature", .offset = bpm + 0x111, .boot_policy = invalid}}) {
      Buffer bytes = good;
      bytes.at(c.offset) ^= std::byte{1};
      const BootGuard guard = read(bytes);
      ASSERT_TRUE(guard.acms.size() == 1 && guard.key_manifest && guard.boot_policy) << c.what;
      EXPECT_EQ(guard.acms[0].signature, c.acm) << c.what;
      EXPECT_EQ(guard.key_manifest->signature.state, c.key_manifest) << c.what;
      EXPECT_EQ(guard.boot_policy->signature->state, c.boot_policy) << c.what;
      EXPECT_EQ(guard.policy_key_matches, c.key_matches) << c.what;
    }
  }
}

TEST(BootGuard, ACutRegionIsNeverCalledAbsent) {
  const Buffer bytes = specimen::bios_region(BootGuardFlavour::none);
  Image image("specimen", ByteView(bytes));
  image.regions = {{"bios", {0, 2 * bytes.size()}}};
  const auto evidence = boot_guard_evidence(image);
  EXPECT_EQ(evidence.verdict, BootGuardVerdict::unknown);
  EXPECT_THAT(evidence.missing, HasSubstr("cut off"));
}

TEST(BootGuard, ADamagedTableIsNeverCalledAbsent) {
  Buffer bytes = specimen::bios_region(BootGuardFlavour::none);
  bytes.at(0x2000A) = std::byte{0xFF};  // the entry count
  EXPECT_EQ(read(bytes).evidence.verdict, BootGuardVerdict::unknown);
}

TEST(BootGuard, AnMeRegionAloneSaysThatTheDumpIsMissing) {
  const Buffer bytes = specimen::bios_region(BootGuardFlavour::cbnt);
  Image image("specimen", ByteView(bytes));
  image.what.type = FileKind::part;
  const auto evidence = boot_guard_evidence(image);
  EXPECT_EQ(evidence.verdict, BootGuardVerdict::unknown);
  EXPECT_THAT(evidence.missing, HasSubstr("full dump"));
}

TEST(BiosRegion, VolumeMapFilesAndBuildFactsOfTheSpecimen) {
  const Buffer bytes = specimen::bios_region(BootGuardFlavour::none);
  const auto image = test::inspect(bytes, "specimen");
  const auto volumes = test::components(image, "firmware-volume");
  ASSERT_EQ(volumes.size(), 1U);
  EXPECT_EQ(volumes[0].at("attributes").at("file_system"), "FFSv2");
  EXPECT_EQ(test::components(image, "fmap-area").size(), 2U);
  ASSERT_EQ(test::components(image, "cbfs-file").size(), 1U);
  EXPECT_EQ(test::components(image, "coreboot").at(0).at("attributes").at("config_use_me_cleaner"), "y");
  EXPECT_EQ(test::finding(image, "flash.volume.checksum"), test::Json());
}

// The magic of a flash map or a volume stands in programs that look for them, and in firmware of other makers.
TEST(BootGuard, IsNotAskedOfAFileThatOnlyHoldsAMagic) {
  for (const std::string_view magic : {"__FMAP__", "_FVH"}) {
    Buffer bytes(0x4000, std::byte{0x11});
    std::ranges::copy(as_bytes(magic), bytes.begin() + 0x1028);
    const auto image = test::inspect(bytes, "program");
    EXPECT_TRUE(image.is_null() || test::engine(image, "intel-boot-guard").is_null()) << magic;
  }
}

}  // namespace
}  // namespace quell::intel
