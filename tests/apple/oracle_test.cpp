// SPDX-License-Identifier: GPL-2.0-or-later
// Image4 files, field by field against the results recorded with independent tools.
#include <gmock/gmock.h>

#include "support/report_json.h"

namespace quell {
namespace {

using test::Json;

void compare_payload(const Json& image, const Json& want) {
  const Json a = test::components(image, "im4p").at(0).at("attributes");
  EXPECT_EQ(a.at("type"), want.at("type"));
  EXPECT_EQ(a.at("description"), want.at("description"));
  EXPECT_EQ(a.at("payload_size"), want.at("size"));
  std::vector<std::string> kinds;
  for (const Json& kind : want.at("keybags")) kinds.push_back(std::to_string(kind.get<int>()));
  EXPECT_EQ(a.at("keybags").get<std::vector<std::string>>(), kinds);
  EXPECT_EQ(a.at("encrypted"), !kinds.empty());
  // The recorded tool prints "bvx2" for every payload with a compression element, whatever the payload starts with.
  EXPECT_EQ(a.contains("compression_algorithm"), !want.at("compression_line").is_null());
  EXPECT_EQ(a.value("uncompressed_size", Json()), want.at("uncompressed_size"));
}

nlohmann::json properties(const Json& node) {
  nlohmann::json out = nlohmann::json::object();
  for (const Json& item : node.at("attributes").at("properties")) {
    const std::string text = item;
    out[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  return out;
}

void compare_manifest(const Json& image, const Json& want) {
  const Json manifest = test::components(image, "im4m").at(0);
  EXPECT_EQ(properties(manifest), nlohmann::json(want.at("manifest_properties")));
  const auto images = test::components(image, "manifest-image");
  ASSERT_EQ(images.size(), want.at("manifest_images").size());
  for (const Json& entry : images) {
    SCOPED_TRACE(entry.at("name").get<std::string>());
    EXPECT_EQ(properties(entry), nlohmann::json(want.at("manifest_images").at(entry.at("name").get<std::string>())));
  }
}

TEST(Image4Oracle, EveryFieldOfEverySample) {
  QUELL_NEEDS_SHARED("oracle/other/img4.json");
  for (const Json& item : test::oracle("img4")) {
    const std::string name = item.at("sample");
    SCOPED_TRACE(name);
    const Json& want = item.at("recorded");
    const Json image = test::inspect_sample(name);
    const Json facts = test::engine(image, "apple-sep").at("facts");
    const Json root = test::components(image, "image4").at(0).at("attributes");
    EXPECT_EQ(root.at("container"), want.at("container"));
    EXPECT_EQ(root.at("der_elements"), want.at("asn1parse_lines"));
    if (want.contains("payload")) compare_payload(image, want.at("payload"));
    if (want.contains("im4p_sha384")) {
      EXPECT_EQ(test::components(image, "im4p").at(0).at("attributes").at("im4p_sha384"), want.at("im4p_sha384"));
    }
    if (want.contains("manifest_properties")) compare_manifest(image, want);
    if (want.contains("digest_in_manifest")) {
      EXPECT_EQ(facts.at("digest_in_manifest"), want.at("digest_in_manifest"));
    }
    EXPECT_EQ(facts.value("restore_boot_nonce", Json()), want.value("restore_boot_nonce", Json()));
    if (want.contains("signature")) {
      const Json a = test::components(image, "manifest-signature").at(0).at("attributes");
      EXPECT_EQ(a.at("signature"),
                want.at("signature").at("valid_with_embedded_certificate").get<bool>() ? "valid" : "invalid");
      EXPECT_EQ(a.at("signature_bytes"), want.at("signature").at("signature_bytes"));
      EXPECT_EQ(a.at("algorithm"), want.at("signature").at("alg"));
      EXPECT_EQ(a.at("signed"), want.at("signature").at("signed"));
      EXPECT_EQ("subject=" + a.at("certificate").get<std::string>() + " issuer=" + a.at("issuer").get<std::string>(),
                want.at("signature").at("certificate"));
    }
    EXPECT_EQ(test::finding(image, "apple.image4.damaged"), Json());
  }
}

}  // namespace
}  // namespace quell
