// SPDX-License-Identifier: GPL-2.0-or-later
// Field by field against the results recorded with independent tools.
#include <map>

#include <gmock/gmock.h>

#include "intel/boot_guard.h"
#include "support/report_json.h"

namespace quell {
namespace {

using test::Json;

TEST(AcmOracle, EveryFieldOfEverySample) {
  QUELL_NEEDS_SHARED("oracle/other/acm.json");
  for (const Json& item : test::oracle("acm")) {
    const std::string name = item.at("sample");
    const auto acms = test::components(test::inspect_sample(name), "acm");
    ASSERT_EQ(acms.size(), 1U) << name;
    const Json& got = acms.front().at("attributes");
    for (const auto& [key, want] : item.at("recorded").items()) {
      SCOPED_TRACE(name + " " + key);
      if (key == "signature") {
        EXPECT_EQ(got.at("signature"), want.at("valid").get<bool>() ? "valid" : "invalid");
        std::vector<std::string> ranges;
        for (const Json& range : want.at("signed_ranges")) {
          ranges.push_back(std::to_string(range.at(0).get<int>()) + "-" + std::to_string(range.at(1).get<int>()));
        }
        EXPECT_EQ(got.at("signed_ranges").get<std::vector<std::string>>(), ranges);
        EXPECT_EQ(got.at("signature_scheme"), want.at("scheme"));
        EXPECT_EQ(got.value("digest_byte_order", Json()), want.at("digest_byte_order"));
      } else if (want.is_string() && want.get<std::string>().starts_with("0x")) {
        EXPECT_EQ(got.at(key), test::number(want));
      } else {
        EXPECT_EQ(got.at(key), want);
      }
    }
  }
}

void compare_signature(const Json& got, const Json& want) {
  EXPECT_EQ(got.at("signature"), want.at("valid").get<bool>() ? "valid" : "invalid");
  EXPECT_EQ(got.at("key_bits"), want.at("key_bits"));
  EXPECT_EQ(got.at("key_exponent"), want.at("exponent"));
  EXPECT_EQ(got.at("signature_scheme"), want.at("scheme"));
  EXPECT_EQ(got.at("signature_hash"), want.at("hash"));
  EXPECT_EQ(got.at("signature_byte_order"), want.at("signature_byte_order"));
  EXPECT_EQ(got.at("modulus_byte_order"), want.at("modulus_byte_order"));
  EXPECT_EQ(got.at("signed_size"), want.at("signed_range").at(1));
  for (const char* key :
       {"key_sha256_modulus", "key_sha256_modulus_exponent", "key_sha384_modulus", "key_sha384_modulus_exponent"}) {
    EXPECT_EQ(got.at(key), want.at(key)) << key;
  }
}

void compare_hashes(const Json& node, const char* kind, const Json& want) {
  std::vector<Json> got;
  test::collect_into(node, kind, got);
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].at("attributes").at("alg"), want.at(i).at("alg"));
    EXPECT_EQ(got[i].at("attributes").at("hash"), want.at(i).at("hash"));
  }
}

void compare_key_manifest(const Json& node, const Json& want) {
  const Json& got = node.at("attributes");
  EXPECT_EQ(got.at("structure_version"), test::number(want.at("structure_version")));
  EXPECT_EQ(node.at("size"), want.at("bytes_read"));
  EXPECT_EQ(got.at("km_svn"), want.at("km_svn"));
  EXPECT_EQ(got.at("km_id"), want.at("km_id"));
  if (want.contains("fpf_hash_alg")) {
    EXPECT_EQ(got.at("family"), "CBnT");
    EXPECT_EQ(got.at("revision"), want.at("revision"));
    EXPECT_EQ(got.at("key_signature_offset"), want.at("key_signature_offset"));
    EXPECT_EQ(got.at("fpf_hash_alg"), want.at("fpf_hash_alg"));
    compare_hashes(node, "key-hash", want.at("hashes"));
    const std::map<std::string, std::string> usages{{"BPM_signing_pubkey_digest", "BPM signing key"},
                                                    {"Reserved", "reserved"}};
    for (std::size_t i = 0; i < want.at("hashes").size(); ++i) {
      EXPECT_EQ(node.at("children").at(i).at("name"), usages.at(want.at("hashes").at(i).at("usage")));
    }
  } else {
    EXPECT_EQ(got.at("family"), "Boot Guard 1.0");
    EXPECT_EQ(got.at("km_version"), want.at("km_version"));
    compare_hashes(node, "key-hash", Json::array({want.at("bpm_key_hash")}));
  }
  compare_signature(got, want.at("signature"));
}

void compare_ibb(const Json& node, const Json& want) {
  const Json& got = node.at("attributes");
  for (const auto& [key, value] : want.items()) {
    SCOPED_TRACE(key);
    if (key == "entry_point") {
      EXPECT_EQ(got.at(key), test::number(value));
    } else if (key == "ibb_digests") {
      compare_hashes(node, "ibb-digest", value);
    } else if (key == "segments") {
      std::vector<Json> segments;
      test::collect_into(node, "ibb-segment", segments);
      ASSERT_EQ(segments.size(), value.size());
      for (std::size_t i = 0; i < segments.size(); ++i) {
        const Json& segment = segments[i].at("attributes");
        EXPECT_EQ(segment.at("flags"), value.at(i).at("flags"));
        EXPECT_EQ(segment.at("base"), test::number(value.at(i).at("base")));
        EXPECT_EQ(segment.at("size"), test::number(value.at(i).at("size")));
      }
    } else {
      EXPECT_EQ(got.at(key), value);
    }
  }
}

void compare_boot_policy(const Json& node, const Json& want) {
  const Json& got = node.at("attributes");
  EXPECT_EQ(got.at("structure_version"), test::number(want.at("structure_version")));
  EXPECT_EQ(node.at("size"), want.at("bytes_read"));
  for (const char* key : {"bpm_svn", "acm_svn_auth", "bpm_revision", "nem_bytes", "elements"}) {
    EXPECT_EQ(got.at(key), want.at(key)) << key;
  }
  if (want.contains("key_signature_offset")) {
    EXPECT_EQ(got.at("key_signature_offset"), want.at("key_signature_offset"));
  }
  std::vector<Json> ibb;
  test::collect_into(node, "ibb", ibb);
  ASSERT_EQ(ibb.size(), want.at("ibb_elements").size());
  for (std::size_t i = 0; i < ibb.size(); ++i) compare_ibb(ibb[i], want.at("ibb_elements").at(i));
  compare_signature(got, want.at("signature"));
}

TEST(ManifestOracle, EveryFieldOfEverySample) {
  QUELL_NEEDS_SHARED("oracle/other/bootguard-manifests.json");
  for (const Json& item : test::oracle("bootguard-manifests")) {
    const std::string name = item.at("sample");
    SCOPED_TRACE(name);
    const Json image = test::inspect_sample(name);
    const bool km = name.find("/km") != std::string::npos;
    const auto nodes = test::components(image, km ? "key-manifest" : "boot-policy");
    ASSERT_EQ(nodes.size(), 1U);
    if (km) {
      compare_key_manifest(nodes.front(), item.at("recorded"));
    } else {
      compare_boot_policy(nodes.front(), item.at("recorded"));
    }
  }
}

void compare_fit(const Json& image, const Json& want) {
  const auto got = test::components(image, "fit-entry");
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Json& entry = got[i].at("attributes");
    EXPECT_EQ(entry.at("type"), want.at(i).at("type"));
    EXPECT_EQ(entry.at("address"), test::number(want.at(i).at("address")));
    EXPECT_EQ(entry.at("size_field"), want.at(i).at("size_field"));
    EXPECT_EQ(entry.at("version"), test::number(want.at(i).at("version")));
    EXPECT_EQ(entry.at("has_checksum"), want.at(i).at("checksum_valid"));
    EXPECT_EQ(entry.at("checksum"), want.at(i).at("checksum"));
  }
}

// What UEFIExtract printed beside an entry, from the parts of our report.
std::string info_of(const Json& image, const Json& entry, std::uint64_t window) {
  const std::uint64_t address = test::number(entry.at("address"));
  const std::uint64_t offset = address - (0x100000000U - window);
  const std::string type = entry.at("type_name");
  const auto at = [&](const char* kind) -> Json {
    for (const Json& node : test::components(image, kind)) {
      if (node.at("offset") == offset) return node.at("attributes");
    }
    return nullptr;
  };
  char text[160] = "";
  if (type == "Microcode") {
    const Json a = at("microcode");
    const std::string date = a.at("date");
    std::snprintf(text, sizeof text, "CpuSignature: %08Xh, Revision: %08Xh, Date: %s.%s.%s",
                  static_cast<unsigned>(std::stoul(a.at("processor_signatures").at(0).get<std::string>(), nullptr, 16)),
                  a.at("revision").get<unsigned>(), date.substr(8, 2).c_str(), date.substr(5, 2).c_str(),
                  date.substr(0, 4).c_str());
  } else if (type == "Startup ACM") {
    const Json a = at("acm");
    const std::string date = a.at("date");
    std::snprintf(text, sizeof text, "EntryPoint: %08Xh, ACM SVN: %04Xh, Date: %s.%s.%s",
                  a.at("entry_point").get<unsigned>(), a.at("txt_svn").get<unsigned>(), date.substr(8, 2).c_str(),
                  date.substr(5, 2).c_str(), date.substr(0, 4).c_str());
  } else if (type == "BootGuard Key Manifest") {
    const Json a = at("key-manifest");
    std::snprintf(text, sizeof text, "Version: %02Xh, KM Version: %02Xh, KM SVN: %02Xh",
                  a.at("structure_version").get<unsigned>(), a.value("km_version", a.value("revision", 0U)),
                  a.at("km_svn").get<unsigned>());
  } else if (type == "BootGuard Boot Policy" && !entry.at("info").get<std::string>().empty()) {
    const Json a = at("boot-policy");
    std::snprintf(text, sizeof text, "Version: %02Xh, BP SVN: %02Xh, ACM SVN: %02Xh",
                  a.at("structure_version").get<unsigned>(), a.at("bpm_svn").get<unsigned>(),
                  a.at("acm_svn_auth").get<unsigned>());
  }
  return text;
}

TEST(BootGuardImages, FitAndVolumesAsRecorded) {
  QUELL_NEEDS_SHARED("oracle/other/bootguard-images.json");
  for (const char* file : {"bootguard-images", "uefi-volumes"}) {
    for (const Json& item : test::oracle(file)) {
      const std::string name = item.at("sample");
      SCOPED_TRACE(name);
      const Json image = test::inspect_sample(name);
      const Json& want = item.at("recorded");
      compare_fit(image, want.at("fit_entries"));
      const auto volumes = test::components(image, "firmware-volume");
      ASSERT_EQ(volumes.size(), want.at("top_level_volumes").size());
      for (std::size_t i = 0; i < volumes.size(); ++i) {
        const Json& volume = want.at("top_level_volumes").at(i);
        EXPECT_EQ(volumes[i].at("offset"), volume.at("offset"));
        EXPECT_EQ(volumes[i].at("size"), volume.at("size"));
        EXPECT_EQ(volumes[i].at("name"), volume.at("shown_guid"));
        EXPECT_EQ(volumes[i].at("attributes").at("file_system"), volume.at("kind"));
      }
      if (!want.at("fit_physical_address").is_null()) {
        EXPECT_EQ(test::components(image, "fit").at(0).at("attributes").at("physical_address"),
                  test::number(want.at("fit_physical_address")));
      }
      for (const Json& entry : want.at("uefiextract_fit")) {
        const std::string info = info_of(image, entry, image.at("size").get<std::uint64_t>());
        EXPECT_THAT(entry.at("info").get<std::string>(), ::testing::HasSubstr(info));
      }
    }
  }
}

TEST(BootGuardVerdicts, AsTheRulesSay) {
  QUELL_NEEDS_SHARED("oracle/other/verdicts.json");
  std::ifstream stream(test::shared("oracle/other/verdicts.json"));
  const Json verdicts = Json::parse(stream);
  for (const Json& want : verdicts.at("boot_guard")) {
    const std::string name = want.at("sample");
    SCOPED_TRACE(name);
    const Json report = test::engine(test::inspect_sample(name), "intel-boot-guard");
    // No processor starts from a variable store: it is not asked there, although the recorded rule says "unknown".
    if (name == "uefi/ovmf-vars.fd") {
      EXPECT_TRUE(report.is_null());
      continue;
    }
    ASSERT_FALSE(report.is_null());
    const Json& got = report.at("facts");
    EXPECT_EQ(got.at("boot_guard"), want.at("boot_guard_in_image"));
    EXPECT_EQ(got.at("generation"), want.at("generation"));
    EXPECT_EQ(got.at("fuses"), want.at("fuses"));
    EXPECT_EQ(got.at("module_removal").get<std::string>().substr(0, 7),
              want.at("boot_guard_in_image") == "present"  ? "refused"
              : want.at("boot_guard_in_image") == "absent" ? "not ref"
                                                           : "not dec");
    for (const char* key :
         {"km_signature", "bpm_signature", "bpm_key_matches_km", "acm_signature", "acm_pre_production"}) {
      if (want.contains(key)) {
        const std::string text = want.at(key).is_string() ? want.at(key).get<std::string>() : "";
        EXPECT_EQ(got.at(key), want.at(key)) << key << text;
      }
    }
    if (want.contains("ibb_digest")) {
      const bool match = want.at("ibb_digest").get<std::string>().starts_with("SHA-256 and SHA-1 match");
      EXPECT_EQ(got.at("ibb_digest"),
                match ? "SHA1 matches, SHA256 matches" : "not computable: a segment lies below the image");
    }
    // Every address that the verdict rests on is named in ours.
    for (const Json& ground : want.at("grounds")) {
      const std::string text = ground;
      const auto at = text.find("0xff");
      if (at == std::string::npos) continue;
      EXPECT_THAT(got.at("grounds").dump(), ::testing::HasSubstr(text.substr(at, 10)));
    }
    const Buffer bytes = test::sample(name);
    Image whole(name, ByteView(bytes));
    EXPECT_EQ(to_string(intel::boot_guard_evidence(whole).verdict), want.at("boot_guard_in_image"));
  }
}

}  // namespace
}  // namespace quell
