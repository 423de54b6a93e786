// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/advisories.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "base/table.h"
#include "data/intel-advisories.h"
#include "report/check.h"
#include "specimen/intel.h"
#include "support/report_json.h"

namespace quell::intel {
namespace {

AdvisedProduct product_of(std::string_view word) {
  for (const auto product :
       {AdvisedProduct::txe, AdvisedProduct::sps, AdvisedProduct::amt, AdvisedProduct::amt_plain_http}) {
    if (to_string(product) == word) return product;
  }
  return AdvisedProduct::me;  // "ME" and "CSME"
}

bool falls_under(AdvisedProduct product, const Version& version, std::string_view advisory, std::string_view fixed) {
  const auto match = match_advisories(product, version);
  return std::any_of(match.advisories.begin(), match.advisories.end(),
                     [&](const Advisory& one) { return one.id == advisory && one.first_fixed == fixed; });
}

// The version one step below: borrows from the last part that is not 0.
Version step_below(Version version) {
  const std::array<std::uint32_t*, 4> parts{&version.major, &version.minor, &version.hotfix, &version.build};
  for (std::size_t i = parts.size(); i-- > 0;) {
    if (*parts.at(i) == 0) continue;
    --*parts.at(i);
    for (std::size_t k = i + 1; k < parts.size(); ++k) *parts.at(k) = 9999;
    break;
  }
  version.given = 4;
  return version;
}

// Every row with a first fixed version: just below is affected, the version itself and the next one are not.
TEST(Advisories, EveryRowTurnsAtItsFirstFixedVersion) {
  int rows = 0;
  for (const auto row : Table(data::intel_advisories)) {
    const auto fixed = parse_version(row["first_fixed"]);
    if (!fixed) continue;
    ++rows;
    const std::string where = std::string(row["advisory"]) + " " + std::string(row["first_fixed"]);
    const auto under = [&](const Version& version) {
      return falls_under(product_of(row["product"]), version, row["advisory"], row["first_fixed"]);
    };
    Version below = step_below(*fixed);
    // SA-00075: builds 3000 to 3999 carry the fix, so the last affected build is far below.
    if (!row["fixed_builds"].empty()) below.build = 2999;
    Version above = *fixed;
    above.build += 1;
    above.given = 4;
    EXPECT_TRUE(under(below)) << where << " below: " << to_string(below);
    EXPECT_FALSE(under(*fixed)) << where;
    EXPECT_FALSE(under(above)) << where;
    EXPECT_TRUE(under(*parse_version(row["affected_from"])) || row["affected_from"] == "0") << where << " at its start";
  }
  EXPECT_EQ(rows, 111);
}

TEST(Advisories, BranchesWithoutAnyRowGiveNoDataInsteadOfSafety) {
  EXPECT_FALSE(match_advisories(AdvisedProduct::me, *parse_version("18.0.5.2021")).covered);
  EXPECT_TRUE(match_advisories(AdvisedProduct::me, *parse_version("12.0.99.1")).covered);
  EXPECT_TRUE(match_advisories(AdvisedProduct::me, *parse_version("12.0.99.1")).advisories.empty());
}

TEST(Advisories, ARowWithoutAFixStaysAffected) {
  EXPECT_TRUE(falls_under(AdvisedProduct::amt, *parse_version("8.1.72.3002"), "INTEL-SA-00112", "none"));
  EXPECT_TRUE(falls_under(AdvisedProduct::amt, *parse_version("16.1.27.2100"), "INTEL-SA-00709", "") ||
              match_advisories(AdvisedProduct::amt_plain_http, *parse_version("16.1.27")).advisories.size() == 1);
}

TEST(Advisories, FixedBuildsOfSa00075CountOnEveryBranch) {
  EXPECT_FALSE(falls_under(AdvisedProduct::amt, *parse_version("6.1.3.3100"), "INTEL-SA-00075", "6.2.61.3535"));
  EXPECT_TRUE(falls_under(AdvisedProduct::amt, *parse_version("6.1.3.1100"), "INTEL-SA-00075", "6.2.61.3535"));
  EXPECT_TRUE(falls_under(AdvisedProduct::amt, *parse_version("9.0.31"), "INTEL-SA-00075", "9.1.41.3024"));
}

TEST(Advisories, WildcardInAFixedVersionStandsForAnyNumber) {
  EXPECT_TRUE(falls_under(AdvisedProduct::sps, *parse_version("4.1.3.239"), "INTEL-SA-00131", "4.x.04"));
  EXPECT_FALSE(falls_under(AdvisedProduct::sps, *parse_version("4.1.4.54"), "INTEL-SA-00131", "4.x.04"));
}

// Nobody is told that he is affected where that hangs on a build that is not confirmed.
TEST(Advisories, WordingFollowsCertainty) {
  Advisory one;
  one.certainty = AdvisoryCertainty::confirmed;
  EXPECT_EQ(one.wording(), "affected by");
  one.certainty = AdvisoryCertainty::recalled;
  EXPECT_EQ(one.wording(), "may be affected by");
  one.certainty = AdvisoryCertainty::uncertain;
  EXPECT_EQ(one.wording(), "check the vendor advisory");
}

// The same words wherever the firmware is. How grave it is, is the advisory's word; only firmware at work can be a
// warning.
TEST(Advisories, WeighByWhereTheFirmwareIs) {
  Advisory one{.id = "INTEL-SA-00001", .title = "a flaw", .severity = "high", .first_fixed = "11.8.50"};
  one.certainty = AdvisoryCertainty::confirmed;
  const auto finding = [&one](AdvisedFirmware where) {
    return advisory_findings(AdvisedProduct::me, {11, 6, 0, 1}, {one}, where).at(0);
  };
  EXPECT_EQ(finding(AdvisedFirmware::at_work).severity, Severity::warning);
  EXPECT_EQ(finding(AdvisedFirmware::halted).severity, Severity::info);
  EXPECT_EQ(finding(AdvisedFirmware::in_image).severity, Severity::info);
  EXPECT_EQ(finding(AdvisedFirmware::in_image).id, "intel.advisory");
  EXPECT_EQ(finding(AdvisedFirmware::in_image).title, "affected by INTEL-SA-00001: a flaw");
  EXPECT_EQ(finding(AdvisedFirmware::in_image).detail, "ME version 11.6.0.1; first fixed in 11.8.50; high.");
  EXPECT_THAT(finding(AdvisedFirmware::halted).detail, testing::HasSubstr("the engine is halted"));
  one.certainty = AdvisoryCertainty::recalled;
  EXPECT_EQ(finding(AdvisedFirmware::at_work).severity, Severity::warning);
  EXPECT_EQ(finding(AdvisedFirmware::at_work).id, "intel.advisory.unconfirmed");
  EXPECT_THAT(finding(AdvisedFirmware::at_work).detail, testing::HasSubstr("first fixed build not confirmed"));
  one.certainty = AdvisoryCertainty::uncertain;
  EXPECT_EQ(finding(AdvisedFirmware::at_work).severity, Severity::info);
  one.certainty = AdvisoryCertainty::confirmed;
  one.severity = "medium";
  EXPECT_EQ(finding(AdvisedFirmware::at_work).severity, Severity::info);
}

// What inspecting the image names, as "INTEL-SA-00086".
std::vector<std::string> named_in(Bytes bytes) {
  std::vector<std::string> out;
  for (const auto& finding : test::findings(test::inspect(bytes, "image"))) {
    const std::string id = finding.at("id");
    if (id == advisory_finding_id || id == unconfirmed_advisory_finding_id)
      out.push_back(finding.at("references").at(0));
  }
  return out;
}

TEST(Advisories, OfAnImageAreNamedAndLeaveItSound) {
  const Buffer bytes = specimen::intel_small_dump(specimen::IntelFlavour::me11);
  EXPECT_THAT(named_in(bytes), testing::Contains("INTEL-SA-00086"));
  EXPECT_THAT(named_in(specimen::intel_small_dump(specimen::IntelFlavour::me5)), testing::IsEmpty());
  Image image("dump", ByteView(bytes));
  const auto items = check_items(examine(image, Depth::everything).value());
  EXPECT_TRUE(sound(items));
  for (const CheckItem& item : items) {
    for (const Finding& finding : item.findings) {
      if (finding.id == advisory_finding_id || finding.id == unconfirmed_advisory_finding_id) {
        EXPECT_NE(item.state, CheckItem::State::warned) << item.title;
      }
    }
  }
}

TEST(Advisories, OfRealImagesAreNamed) {
  QUELL_NEEDS_SHARED("corpus");
  EXPECT_THAT(named_in(test::sample("intel/me-11.6.27.3264-con-h-da-rgn.bin")), testing::Contains("INTEL-SA-00086"));
  EXPECT_THAT(named_in(test::sample("intel/sarien-me.bin")), testing::Contains("INTEL-SA-00241"));
  EXPECT_THAT(named_in(test::sample("intel/reef-reef-ifwi.bin")), testing::Not(testing::IsEmpty()));
}

TEST(Versions, AreReadAsSysfsWritesThem) {
  EXPECT_EQ(to_string(*parse_version("0:9.1.45.3000")), "9.1.45.3000");
  EXPECT_EQ(to_string(*parse_version("11.8")), "11.8");
  for (const char* bad : {"", ".", "9.", "a.b", "1.2.3.4.5", "9..1", "99999999999", "-1.2"})
    EXPECT_FALSE(parse_version(bad).has_value()) << bad;
  EXPECT_LT(*parse_version("9.1.45"), *parse_version("9.1.45.1"));
  EXPECT_LT(*parse_version("9.5.3"), *parse_version("9.10.0"));
}

}  // namespace
}  // namespace quell::intel
