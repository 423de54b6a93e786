// SPDX-License-Identifier: GPL-2.0-or-later
// Every recorded result for the AMD samples, field by field, and every damaged variant.
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "amd/oracle.h"
#include "quell/digest.h"
#include "support/shared.h"

namespace quell::test {
namespace {

using Lines = std::multiset<std::string>;

Lines reference_findings(const Json& roms) {
  Lines out;
  for (const Json& rom : roms) {
    for (const Json& finding : rom.at("findings")) out.insert(line_of_reference(finding));
  }
  return out;
}

Lines our_findings(const std::vector<Json>& engines) {
  Lines out;
  for (const Json& engine : engines) {
    for (const Json& finding : engine.at("findings")) {
      if (in_vocabulary(finding.at("id").get<std::string>())) out.insert(line_of(finding));
    }
  }
  return out;
}

std::vector<std::string> samples() {
  return {"stoneyridge-8m", "picasso-cezanne-combo-16m", "cezanne-ab-16m", "mendocino-16m",
          "genoa-32m",      "dual-genoa-picasso-32m"};
}

// The unpacked bytes of a sample; several variants share one.
const Buffer& sample_bytes(const std::string& file) {
  static std::map<std::string, Buffer> unpacked;
  const auto found = unpacked.find(file);
  return found != unpacked.end() ? found->second
                                 : unpacked.emplace(file, unxz(shared("corpus/amd/" + file))).first->second;
}

class AmdSample : public testing::TestWithParam<std::string> {};

TEST_P(AmdSample, MatchesTheRecordedResultInEveryField) {
  QUELL_NEEDS_SHARED("oracle/amd");
  const Json reference = read_json(shared("oracle/amd/" + GetParam() + ".json"));
  const Buffer& bytes = sample_bytes(GetParam() + ".rom.xz");
  ASSERT_EQ(to_hex(sha256(bytes)), reference.at("image").at("sha256").get<std::string>());
  const std::vector<Json> engines = amd_engines(inspect(bytes, GetParam()));
  const Json& roms = reference.at("roms");
  ASSERT_EQ(engines.size(), roms.size());
  for (std::size_t i = 0; i < roms.size(); ++i) {
    EXPECT_THAT(differences(roms[i], engines[i]), testing::IsEmpty());
  }
  EXPECT_EQ(our_findings(engines), reference_findings(roms));
}

INSTANTIATE_TEST_SUITE_P(Corpus, AmdSample, testing::ValuesIn(samples()), [](const auto& sample) {
  std::string name = sample.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

// One damaged variant, as the reference describes it.
Buffer damaged(Buffer bytes, const Json& variant) {
  for (const Json& patch : variant.at("patches")) {
    const auto at = std::stoull(patch.at("offset").get<std::string>(), nullptr, 16);
    const Buffer put = from_hex(patch.at("bytes").get<std::string>());
    std::ranges::copy(put, bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (variant.contains("truncate_to")) {
    bytes.resize(std::stoull(variant.at("truncate_to").get<std::string>(), nullptr, 16));
  }
  if (variant.contains("prepend")) {
    bytes.insert(bytes.begin(), variant.at("prepend").at("count").get<std::size_t>(), std::byte{0});
  }
  return bytes;
}

// Errors, entries, directories and signature results of a report, in the reference's terms.
Json counts_of(const std::vector<Json>& engines) {
  Json out = {{"errors", 0}, {"directories", 0}, {"entries", 0}, {"signature_results", Json::object()}};
  for (const Json& engine : engines) {
    for (const Json& finding : engine.at("findings")) {
      if (finding.at("severity") == "error") out["errors"] = out["errors"].get<int>() + 1;
    }
    for (const Json& directory : engine.at("tree").at("children")) {
      if (directory.at("kind") != "directory") continue;
      out["directories"] = out["directories"].get<int>() + 1;
      for (const Json& entry : directory.value("children", Json::array())) {
        if (entry.at("kind") != "entry") continue;
        out["entries"] = out["entries"].get<int>() + 1;
        Json& count = out["signature_results"][entry.at("attributes").value("signature_result", "none")];
        count = count.is_null() ? 1 : count.get<int>() + 1;
      }
    }
  }
  return out;
}

Lines findings_after(const Json& variant, Lines findings) {
  for (const Json& finding : variant.at("expected").at("findings_removed")) {
    const auto found = findings.find(line_of_reference(finding));
    if (found != findings.end()) findings.erase(found);
  }
  for (const Json& finding : variant.at("expected").at("findings_added")) findings.insert(line_of_reference(finding));
  // The reference also says of a damaged slot that the other is the only one.
  const auto tells = [&findings](std::string_view id) {
    return std::ranges::any_of(findings, [id](const std::string& line) { return line.starts_with(id); });
  };
  if (tells("recovery-slot-unusable") || tells("ish-target-out-of-range")) {
    std::erase_if(findings, [](const std::string& line) { return line.starts_with("single-slot"); });
  }
  return findings;
}

TEST(AmdVariants, EveryDamageGetsItsDiagnosis) {
  QUELL_NEEDS_SHARED("oracle/amd");
  const Json variants = read_json(shared("oracle/amd/variants.json")).at("variants");
  ASSERT_GE(variants.size(), 20U);
  for (const Json& variant : variants) {
    SCOPED_TRACE(variant.at("id").get<std::string>());
    const std::string sample = variant.at("sample").get<std::string>();
    const std::string stem = sample.substr(0, sample.find(".rom.xz"));
    const Json reference = read_json(shared("oracle/amd/" + stem + ".json"));
    const Buffer bytes = damaged(sample_bytes(sample), variant);
    ASSERT_EQ(to_hex(sha256(bytes)), variant.at("sha256_after").get<std::string>());
    const std::vector<Json> engines = amd_engines(inspect(bytes, stem));
    EXPECT_EQ(our_findings(engines), findings_after(variant, reference_findings(reference.at("roms"))));
    const Json found = counts_of(engines);
    for (const char* count : {"errors", "directories", "entries"}) {
      EXPECT_EQ(found.at(count), variant.at("expected").at(count)) << count;
    }
    for (const auto& [result, count] : variant.at("expected").at("signature_results").items()) {
      EXPECT_EQ(found.at("signature_results").value(result, 0), count.get<int>()) << result;
    }
  }
}

TEST(AmdVariants, ATruncatedReadIsCalledShorterThanItsContents) {
  QUELL_NEEDS_SHARED("corpus/amd");
  Buffer bytes = sample_bytes("genoa-32m.rom.xz");
  bytes.resize(3U << 20U);
  const std::vector<Json> engines = amd_engines(inspect(bytes, "cut"));
  ASSERT_EQ(engines.size(), 1U);
  const Json& findings = engines.front().at("findings");
  EXPECT_TRUE(std::ranges::any_of(findings, [](const Json& finding) {
    return finding.at("id") == "amd.file-shorter-than-contents" && finding.contains("advice");
  }));
}

}  // namespace
}  // namespace quell::test
