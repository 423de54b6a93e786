// SPDX-License-Identifier: GPL-2.0-or-later
// Real CSE images, directory by directory, against what an independent parser recorded of them.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "intel/cse/image.h"
#include "quell/digest.h"
#include "quell/mapped_file.h"
#include "support/shared.h"

namespace quell::intel {
namespace {

using Json = nlohmann::json;

Json oracle() { return Json::parse(std::ifstream(test::shared("oracle/csme.json"))); }

// Plain modules that no metadata file and no table of rbe or pm covers, whatever else may cover them.
std::uint64_t plain_without_digest(const CsePartition& partition) {
  return static_cast<std::uint64_t>(std::ranges::count_if(partition.modules, [](const CseModule& module) {
    const bool empty = module.reason == "erased" || module.reason == "has no bytes";
    return module.kind == CseModule::Kind::module && !module.has_metadata && !empty &&
           module.compression == ModuleCompression::none && module.reason != "by the tables of rbe and pm";
  }));
}

void expect_tally(const CsePartition& partition, const Json& tally) {
  const CseTally& have = partition.tally;
  const auto encrypted = std::ranges::count_if(partition.modules, &CseModule::encrypted);
  const std::pair<const char*, std::uint64_t> all[] = {{"met_ok", have.metadata_verified},
                                                       {"mod_huff:r", have.huffman},
                                                       {"mod_lzma_c:r", have.lzma_packed},
                                                       {"mod_lzma_u:r", have.lzma_unpacked},
                                                       {"mod_none:r", have.plain},
                                                       {"nm_huff:r", have.tabled_huffman},
                                                       {"nm_lzma_c:r", have.tabled_lzma},
                                                       {"nm_raw_nomatch", plain_without_digest(partition)},
                                                       {"key_ok", have.keys},
                                                       {"mod_empty", have.erased},
                                                       {"mod_size0", have.empty},
                                                       {"mod_encrypted", static_cast<std::uint64_t>(encrypted)},
                                                       {"methash_missing_file", have.metadata_elsewhere}};
  for (const auto& [key, value] : all)
    EXPECT_EQ(value, tally.value(key, std::uint64_t{0})) << partition.name << " " << key;
}

void expect_manifest(const CsePartition& partition, const Json& manifest) {
  ASSERT_TRUE(partition.manifest.has_value()) << partition.name;
  const Manifest& have = *partition.manifest;
  EXPECT_EQ(to_string(have.version), manifest["version"]);
  EXPECT_EQ(have.security_version, manifest["svn"]);
  EXPECT_EQ(have.key_size * 8, manifest["key_bits"]);
  Buffer modulus(have.modulus.begin(), have.modulus.end());
  const std::string little = to_hex(sha256(modulus));
  std::ranges::reverse(modulus);
  EXPECT_TRUE(manifest["modulus_sha256"] == little || manifest["modulus_sha256"] == to_hex(sha256(modulus)));
  const std::string state = partition.signature == SignatureState::valid   ? "ok"
                            : partition.signature == SignatureState::empty ? "empty"
                                                                           : "bad";
  EXPECT_EQ(state, manifest["signature"]);
  const Json salt = manifest.value("salt", Json());
  const auto salt_length = salt.is_null() ? std::nullopt : std::optional(salt.get<std::uint64_t>());
  EXPECT_EQ(partition.pss_salt, salt_length);
}

void expect_partition_digest(const CsePartition& partition, const Json& directory) {
  for (const char* key : {"partition_digest_ph_p16", "partition_digest_ph_p3"}) {
    if (!directory.contains(key)) continue;
    const std::string state = partition.digest == Integrity::verified ? "ok_rev"
                              : partition.digest == Integrity::failed ? "bad"
                                                                      : "zero";
    EXPECT_EQ(state, directory[key]) << partition.name;
  }
}

TEST(CseParity, EveryDirectoryManifestAndDigestTallyIsAsRecorded) {
  QUELL_NEEDS_SHARED("oracle/csme.json");
  for (const Json& expected : oracle()) {
    SCOPED_TRACE(expected["image"].get<std::string>());
    const auto file = MappedFile::open(test::shared("corpus/intel") / expected["image"].get<std::string>());
    ASSERT_TRUE(file.has_value());
    auto image = parse_cse(file->view());
    ASSERT_TRUE(image.has_value()) << image.error().message;
    EXPECT_TRUE(image->damage.empty());
    verify(*image);
    ASSERT_EQ(image->partitions.size(), expected["directories"].size());
    ASSERT_NE(image->main(), nullptr);
    EXPECT_EQ(to_string(image->main()->manifest->version), expected["version"]);
    for (std::size_t i = 0; i < image->partitions.size(); ++i) {
      const CsePartition& partition = image->partitions[i];
      const Json& directory = expected["directories"][i];
      EXPECT_EQ(partition.name, directory["name"]);
      EXPECT_EQ(partition.bytes.origin(), directory["offset"]);
      EXPECT_EQ(partition.directory.entries.size(), directory["entries"]);
      EXPECT_EQ(partition.directory.header_version, directory["header_version"]);
      EXPECT_EQ(partition.directory.checksum_valid, directory["checksum"] == "ok");
      expect_tally(partition, directory["tally"]);
      if (directory.contains("manifest") && !directory["manifest"].is_null()) {
        expect_manifest(partition, directory["manifest"]);
      } else {
        EXPECT_FALSE(partition.manifest.has_value());
      }
      expect_partition_digest(partition, directory);
    }
  }
}

TEST(CseParity, NothingInARealImageFailsAndNothingIsLeftOpenWithoutAReason) {
  QUELL_NEEDS_SHARED("oracle/csme.json");
  for (const Json& expected : oracle()) {
    SCOPED_TRACE(expected["image"].get<std::string>());
    const auto file = MappedFile::open(test::shared("corpus/intel") / expected["image"].get<std::string>());
    auto image = parse_cse(file->view());
    ASSERT_TRUE(image.has_value());
    verify(*image);
    EXPECT_EQ(image->tally().failed, 0U);
    EXPECT_FALSE(image->budget_exhausted);
    for (const CsePartition& partition : image->partitions) {
      EXPECT_NE(partition.signature, SignatureState::invalid) << partition.name;
      EXPECT_NE(partition.listed_key, std::optional(false)) << partition.name;
      EXPECT_FALSE(partition.extensions.damaged) << partition.name;
      for (const CseModule& module : partition.modules) {
        EXPECT_NE(module.integrity, Integrity::not_checked) << partition.name << "/" << module.name;
        EXPECT_EQ(module.unknown_symbols, 0U) << partition.name << "/" << module.name;
        // Not checkable are, by section 0 of the specification: pavp, erased and empty modules.
        if (module.integrity == Integrity::uncheckable) {
          EXPECT_TRUE(module.name.starts_with("pavp") || module.reason == "erased" || module.reason == "has no bytes" ||
                      module.name.starts_with("IBB"))
              << partition.name << "/" << module.name << ": " << module.reason;
        }
      }
    }
  }
}

TEST(CseParity, EveryTableChecksumHoldsButTheExceptionsThatAreKnown) {
  QUELL_NEEDS_SHARED("oracle/csme.json");
  for (const Json& expected : oracle()) {
    const std::string name = expected["image"];
    SCOPED_TRACE(name);
    const auto file = MappedFile::open(test::shared("corpus/intel") / name);
    const auto image = parse_cse(file->view());
    ASSERT_TRUE(image.has_value());
    if (image->layout) {
      EXPECT_EQ(image->layout->checksum, image->layout->version_1_7 ? ChecksumState::valid : ChecksumState::none);
    }
    for (const Bpdt& table : image->boot_tables) {
      const bool atom = image->family == CseFamily::cstxe;
      EXPECT_EQ(table.checksum, atom ? ChecksumState::placeholder : ChecksumState::valid);
    }
    if (image->table) {
      const bool placeholder = name == "me-12.0.5.1117-slm-h-ba-extr.bin";
      const bool assembled_by_hand = name == "me-14.0.11.1205-con-lp-extr.bin";
      EXPECT_EQ(image->table->checksum_valid, !placeholder && !assembled_by_hand);
      EXPECT_EQ(image->table->checksum_placeholder, placeholder);
    }
    if (image->mfs) {
      EXPECT_EQ(image->mfs->page_checksums.wrong, 0U);
      EXPECT_EQ(image->mfs->chunk_checksums.wrong, 0U);
      EXPECT_EQ(image->mfs->volume_size, image->mfs->expected_size);
      EXPECT_EQ(image->mfs->page_checksums.checked, image->mfs->pages) << "the spare page counts too";
    }
  }
}

}  // namespace
}  // namespace quell::intel
