// SPDX-License-Identifier: GPL-2.0-or-later
// FIP packages, U-Boot FIT images and Qualcomm images, field by field against results recorded with independent tools.
#include <gmock/gmock.h>

#include "support/report_json.h"

namespace quell {
namespace {

using test::Json;

std::vector<Json> children(const Json& node, const char* kind) {
  std::vector<Json> out;
  test::collect_into(node, kind, out);
  return out;
}

void compare_certificate(const Json& entries, const Json& want) {
  for (const Json& entry : entries) {
    if (entry.at("attributes").at("option") != want.at("option")) continue;
    const auto certificates = children(entry, "certificate");
    ASSERT_EQ(certificates.size(), 1U);
    const Json& a = certificates.front().at("attributes");
    EXPECT_EQ(a.at("subject"), want.at("subject"));
    EXPECT_EQ(a.at("public_key_der_sha256"), want.at("public_key_der_sha256"));
    EXPECT_EQ(a.value("nv_counter_trusted", Json()), want.at("nv_counter_trusted"));
    EXPECT_EQ(a.value("nv_counter_non_trusted", Json()), want.at("nv_counter_non_trusted"));
    EXPECT_EQ(a.at("signature"), "valid");
    Json hashes = Json::object();
    for (const Json& hash : children(certificates.front(), "certificate-hash")) {
      hashes[hash.at("name").get<std::string>()] = hash.at("attributes").at("hash");
    }
    EXPECT_EQ(nlohmann::json(hashes), nlohmann::json(want.at("hashes")));
    return;
  }
  FAIL() << "no entry " << want.at("option");
}

TEST(FipOracle, EveryFieldOfEverySample) {
  QUELL_NEEDS_SHARED("oracle/other/fip.json");
  for (const Json& item : test::oracle("fip")) {
    const std::string name = item.at("sample");
    SCOPED_TRACE(name);
    const Json image = test::inspect_sample(name);
    const Json& want = item.at("recorded");
    const auto packages = test::components(image, "fip");
    ASSERT_EQ(packages.size(), 1U);
    EXPECT_EQ(packages.front().at("offset"), want.at("fip_offset"));
    EXPECT_EQ(packages.front().at("attributes").at("serial"), test::number(want.at("serial")));
    EXPECT_EQ(packages.front().at("attributes").at("flags"), test::number(want.at("flags")));
    const auto entries = test::components(image, "fip-entry");
    ASSERT_EQ(entries.size(), want.at("entries").size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Json& entry = want.at("entries").at(i);
      const Json& a = entries[i].at("attributes");
      EXPECT_EQ(entries[i].at("name"), entry.at("name"));
      EXPECT_EQ(a.at("fip_offset"), entry.at("offset"));
      EXPECT_EQ(a.at("fip_size"), entry.at("size"));
      EXPECT_EQ(a.at("option"), entry.at("option"));
      EXPECT_EQ(a.at("sha256"), entry.at("sha256"));
    }
    for (const Json& certificate : want.value("certificates", Json::array())) compare_certificate(entries, certificate);
    EXPECT_THAT(test::findings(image),
                ::testing::Each(::testing::Truly([](const Json& f) { return f.at("severity") == "info"; })));
  }
}

TEST(UbootFitOracle, EveryFieldOfEverySample) {
  QUELL_NEEDS_SHARED("oracle/other/uboot-fit.json");
  for (const Json& item : test::oracle("uboot-fit")) {
    const Json image = test::inspect_sample(item.at("sample"));
    const Json& want = item.at("recorded");
    const auto trees = test::components(image, "uboot-fit");
    ASSERT_EQ(trees.size(), 1U);
    EXPECT_EQ(trees.front().at("offset"), want.at("fit_offset"));
    EXPECT_EQ(trees.front().at("attributes").at("description"), want.at("description"));
    EXPECT_EQ(trees.front().at("attributes").at("default"), want.at("default"));
    const auto nodes = test::components(image, "fit-image");
    ASSERT_EQ(nodes.size(), want.at("dumpimage_image_count"));
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Json& node = want.at("images").at(i);
      SCOPED_TRACE(node.dump());
      EXPECT_EQ(nodes[i].at("name"), node.at("node"));
      const Json& a = nodes[i].at("attributes");
      for (const char* key : {"description", "data_inline", "type", "os", "arch", "compression", "hashes"}) {
        EXPECT_EQ(a.value(key, Json()), node.value(key, Json())) << key;
      }
      for (const char* key : {"load", "entry"}) {
        if (!node.contains(key)) continue;
        EXPECT_EQ(a.at(key), test::number(node.at(key)));
      }
      EXPECT_EQ(a.at("hashes_match"), true);
    }
    const auto configurations = test::components(image, "fit-configuration");
    ASSERT_EQ(configurations.size(), want.at("configurations").size());
    for (std::size_t i = 0; i < configurations.size(); ++i) {
      const Json& configuration = want.at("configurations").at(i);
      EXPECT_EQ(configurations[i].at("name"), configuration.at("node"));
      for (const char* key : {"description", "firmware", "loadables", "fdt", "signatures"}) {
        EXPECT_EQ(configurations[i].at("attributes").at(key), configuration.at(key)) << key;
      }
    }
  }
}

TEST(QualcommOracle, EveryFieldOfEverySample) {
  QUELL_NEEDS_SHARED("oracle/other/qualcomm-mbn.json");
  for (const Json& item : test::oracle("qualcomm-mbn")) {
    const std::string name = item.at("sample");
    SCOPED_TRACE(name);
    const Json image = test::inspect_sample(name);
    const Json& want = item.at("recorded");
    const Json a = test::components(image, "qualcomm-image").at(0).at("attributes");
    for (const char* key : {"elf_class", "hash_segment_version", "hash_segment_words", "segment_digest_alg",
                            "certificate_subjects", "certificate_chain_offset"}) {
      EXPECT_EQ(a.at(key), want.at(key)) << key;
    }
    const auto segments = test::components(image, "elf-segment");
    ASSERT_EQ(segments.size(), want.at("program_headers").size());
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const Json& header = want.at("program_headers").at(i);
      const Json& got = segments[i].at("attributes");
      EXPECT_EQ(got.at("type"), header.at("type"));
      EXPECT_EQ(got.at("file_offset"), header.at("offset"));
      EXPECT_EQ(got.at("paddr"), test::number(header.at("paddr")));
      EXPECT_EQ(got.at("filesz"), header.at("filesz"));
      EXPECT_EQ(got.at("memsz"), header.at("memsz"));
    }
    EXPECT_EQ(segments.at(2).at("attributes").at("digest"), want.at("segment2_digest"));
    EXPECT_EQ(segments.at(2).at("attributes").at("digest_matches"), true);
    EXPECT_EQ(segments.at(0).at("attributes").at("digest_matches"), true);
  }
}

void compare_optee(const Json& image, const Json& want) {
  const auto headers = test::components(image, "optee-header");
  ASSERT_EQ(headers.size(), 1U);
  const Json& a = headers.front().at("attributes");
  for (const auto& [key, value] : want.items()) {
    if (key == "images") {
      const auto images = children(headers.front(), "optee-image");
      ASSERT_EQ(images.size(), value.size());
      for (std::size_t i = 0; i < images.size(); ++i) {
        const Json& got = images[i].at("attributes");
        EXPECT_EQ(got.at("id"), value.at(i).at("id"));
        EXPECT_EQ(got.at("size"), value.at(i).at("size"));
        if (value.at(i).at("load") == "any") {
          EXPECT_EQ(got.at("load"), "any");
        } else {
          EXPECT_EQ(got.at("load"), test::number(value.at(i).at("load")));
        }
      }
    } else if (value.is_string() && value.get<std::string>().starts_with("0x")) {
      EXPECT_EQ(a.at(key), test::number(value)) << key;
    } else {
      EXPECT_EQ(a.at(key), value) << key;
    }
  }
}

TEST(SecureWorldVerdicts, AsTheRulesSay) {
  QUELL_NEEDS_SHARED("oracle/other/verdicts.json");
  std::ifstream stream(test::shared("oracle/other/verdicts.json"));
  const Json verdicts = Json::parse(stream);
  for (const Json& item : verdicts.at("secure_world")) {
    const std::string name = item.at("sample");
    SCOPED_TRACE(name);
    const Json image = test::inspect_sample(name);
    const Json facts = test::engine(image, "arm-tee").at("facts");
    for (const auto& [key, want] : item.at("secure_world").items()) {
      SCOPED_TRACE(key);
      if (key == "optee_header") {
        compare_optee(image, want);
      } else if (key == "encrypted") {
        ASSERT_EQ(facts.at("encrypted").size(), want.size());
        const auto headers = test::components(image, "encryption");
        for (std::size_t i = 0; i < want.size(); ++i) {
          EXPECT_EQ(facts.at("encrypted").at(i), want.at(i).at("entry"));
          for (const char* field : {"algorithm", "flags", "key", "iv_length", "tag_length", "iv"}) {
            EXPECT_EQ(headers.at(i).at("attributes").at(field), want.at(i).at(field)) << field;
          }
        }
      } else if (key == "platform_flags") {
        EXPECT_EQ(facts.at(key), test::number(want));
      } else {
        EXPECT_EQ(facts.value(key, Json()), want);
      }
    }
  }
}

}  // namespace
}  // namespace quell
