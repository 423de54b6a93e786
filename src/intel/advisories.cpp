// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/intel/advisories.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/split.h"
#include "base/table.h"
#include "data/intel-advisories.h"

namespace quell::intel {
namespace {

struct AdvisoryRow {
  Advisory advisory;
  std::string product;
  Version from;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> fixed_builds;  // in a branch that was fixed by build number
};

const std::vector<AdvisoryRow>& rows() {
  static const std::vector<AdvisoryRow> all = [] {
    std::vector<AdvisoryRow> out;
    for (const auto row : Table(data::intel_advisories)) {
      const std::string_view product = row["product"];
      out.push_back({{std::string(row["advisory"]), std::string(row["cves"]), std::string(row["title"]),
                      std::string(row["severity"]), std::string(row["certainty"]), std::string(row["first_fixed"]),
                      std::string(row["note"])},
                     std::string(product == "CSME" ? "ME" : product),
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

std::string_view Advisory::wording() const noexcept {
  if (certainty == "confirmed") return "affected by";
  return certainty == "recalled" ? "likely affected by" : "check the vendor advisory";
}

AdvisoryMatch match_advisories(std::string_view product, const Version& version) {
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

}  // namespace quell::intel
