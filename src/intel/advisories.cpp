// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/advisories.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "base/split.h"
#include "base/table.h"
#include "data/intel-advisories.h"
#include "intel/region_report.h"

namespace quell::intel {
namespace {

constexpr std::array product_words{
    Word{"ME", AdvisedProduct::me},   Word{"CSME", AdvisedProduct::me},
    Word{"TXE", AdvisedProduct::txe}, Word{"SPS", AdvisedProduct::sps},
    Word{"AMT", AdvisedProduct::amt}, Word{"AMT plain HTTP", AdvisedProduct::amt_plain_http}};

constexpr std::array certainty_words{Word{"confirmed", AdvisoryCertainty::confirmed},
                                     Word{"recalled", AdvisoryCertainty::recalled},
                                     Word{"uncertain", AdvisoryCertainty::uncertain}};

struct AdvisoryRow {
  Advisory advisory;
  AdvisedProduct product;
  Version from;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> fixed_builds;  // in a branch that was fixed by build number
};

const std::vector<AdvisoryRow>& rows() {
  static const std::vector<AdvisoryRow> all = [] {
    std::vector<AdvisoryRow> out;
    for (const auto row : Table(data::intel_advisories)) {
      out.push_back({{std::string(row["advisory"]), std::string(row["cves"]), std::string(row["title"]),
                      std::string(row["severity"]), row.choice<certainty_words>("certainty"),
                      std::string(row["first_fixed"]), std::string(row["note"])},
                     row.choice<product_words>("product"),
                     parse_version(row["affected_from"]).value(),
                     row.range("fixed_builds")});
    }
    return out;
  }();
  return all;
}

// A branch is a major version; a row from 0 on holds for every branch.
bool same_branch(const AdvisoryRow& row, const Version& version) {
  return row.from.major == 0 || row.from.major == version.major;
}

// Whether the version comes before the first fixed one. "x" in a fixed version stands for any number; an unknown
// or never made fix comes after everything.
bool before_fix(const Version& version, std::string_view fixed) {
  if (fixed.empty() || fixed == "none") return true;
  const std::array parts{version.major, version.minor, version.hotfix, version.build};
  std::size_t i = 0;
  for (const std::string_view part : words_of(fixed, '.')) {
    if (i >= parts.size()) break;
    const std::uint64_t have = parts.at(i++);
    const std::uint64_t want = part == "x" ? have : parse_decimal(part).value();
    if (have != want) return have < want;
  }
  return false;
}

bool fixed_by_build(const AdvisoryRow& row, const Version& version) {
  return row.fixed_builds && version.given == 4 && version.build >= row.fixed_builds->first &&
         version.build <= row.fixed_builds->second;
}

}  // namespace

std::string_view to_string(AdvisedProduct product) noexcept {
  return std::ranges::find(product_words, product, &Word<AdvisedProduct>::meaning)->word;
}

std::string_view Advisory::wording() const noexcept {
  switch (certainty) {
    case AdvisoryCertainty::confirmed: return "affected by";
    case AdvisoryCertainty::recalled: return "may be affected by";
    case AdvisoryCertainty::uncertain: break;
  }
  return "check the vendor advisory";
}

AdvisoryMatch match_advisories(AdvisedProduct product, const Version& version) {
  AdvisoryMatch out;
  for (const AdvisoryRow& row : rows()) {
    if (row.product != product || !same_branch(row, version)) continue;
    out.covered = true;
    const bool affected =
        version >= row.from && before_fix(version, row.advisory.first_fixed) && !fixed_by_build(row, version);
    if (affected) out.advisories.push_back(row.advisory);
  }
  return out;
}

std::vector<Finding> advisory_findings(AdvisedProduct product, const Version& version,
                                       const std::vector<Advisory>& advisories, AdvisedFirmware where) {
  std::vector<Finding> out;
  for (const Advisory& one : advisories) {
    // How grave it is, is the advisory's word; how sure the match is, the evidence's.
    const bool confirmed = one.certainty == AdvisoryCertainty::confirmed;
    const bool grave = one.severity == "critical" || one.severity == "high";
    const bool urgent = grave && one.certainty != AdvisoryCertainty::uncertain && where == AdvisedFirmware::at_work;
    std::string fix = one.first_fixed.empty()     ? "the first fixed version is not known"
                      : one.first_fixed == "none" ? "no fix was made for this branch"
                                                  : fmt::format("first fixed in {}", one.first_fixed);
    if (!confirmed && !one.first_fixed.empty()) fix += " (first fixed build not confirmed)";
    // An image with outdated firmware is as sound as it was: `check` must not warn of it.
    out.push_back({.id = confirmed ? "intel.advisory" : "intel.advisory.unconfirmed",
                   .question = Question::structure,
                   .severity = urgent ? Severity::warning : Severity::info,
                   .title = fmt::format("{} {}: {}", one.wording(), one.id, one.title),
                   .detail = fmt::format("{} version {}; {}; {}{}{}{}.", to_string(product), to_string(version), fix,
                                         one.severity, where == AdvisedFirmware::halted ? "; the engine is halted" : "",
                                         one.note.empty() ? "" : "; ", one.note),
                   .references = {one.id, one.cves}});
  }
  return out;
}

void name_advisories(EngineReport& report, AdvisedProduct product, const Version& version) {
  std::ranges::move(
      advisory_findings(product, version, match_advisories(product, version).advisories, AdvisedFirmware::in_image),
      std::back_inserter(report.findings));
}

}  // namespace quell::intel
