// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quell/firmware_version.h"

namespace quell::intel {

// One row of data/intel-advisories.csv that a version falls under.
struct Advisory {
  std::string id{};  // "INTEL-SA-00086"
  std::string cves{};
  std::string title{};
  std::string severity{};
  std::string certainty{};    // "confirmed", "recalled", "uncertain"
  std::string first_fixed{};  // version; "none" when no fix was made for this branch; empty when not known
  std::string note{};

  // "affected by", "likely affected by" or "check", by certainty.
  [[nodiscard]] std::string_view wording() const noexcept;
};

struct AdvisoryMatch {
  std::vector<Advisory> advisories{};
  bool covered = false;  // whether any row speaks of this branch; without one nothing is known, not even "safe"
};

// The rows for a product ("ME" stands for ME and CSME; "TXE", "SPS", "AMT", "AMT plain HTTP") whose branch holds
// the version, which lies at or above affected_from and below first_fixed.
AdvisoryMatch match_advisories(std::string_view product, const Version& version);

}  // namespace quell::intel
