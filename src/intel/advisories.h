// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/firmware_version.h"
#include "quell/finding.h"

namespace quell::intel {

// The firmware that a row speaks of. `me` is ME and CSME; `amt_plain_http` is AMT reached over HTTP without TLS.
enum class AdvisedProduct { me, txe, sps, amt, amt_plain_http };
// "ME", "TXE", "SPS", "AMT", "AMT plain HTTP".
std::string_view to_string(AdvisedProduct product) noexcept;

// How sure the versions of a row are.
enum class AdvisoryCertainty { confirmed, recalled, uncertain };

// One row of data/intel-advisories.csv that a version falls under.
struct Advisory {
  std::string id{};  // "INTEL-SA-00086"
  std::string cves{};
  std::string title{};
  std::string severity{};
  AdvisoryCertainty certainty = AdvisoryCertainty::uncertain;
  std::string first_fixed{};  // version; "none" when no fix was made for this branch; empty when not known
  std::string note{};

  // "affected by"; "may be affected by" where the first fixed build is not confirmed, so that the version may hold the
  // fix; "check the vendor advisory" where the affected range is not known.
  [[nodiscard]] std::string_view wording() const noexcept;
};

struct AdvisoryMatch {
  std::vector<Advisory> advisories{};
  bool covered = false;  // whether any row speaks of this branch; without one nothing is known, not even "safe"
};

// The rows for a product whose branch holds the version, which lies at or above affected_from and below first_fixed.
AdvisoryMatch match_advisories(AdvisedProduct product, const Version& version);

// Where the firmware was seen. An advisory weighs only where the firmware can be attacked now.
enum class AdvisedFirmware {
  in_image,  // bytes of a file: what the firmware is, not what is wrong with the file
  at_work,   // runs on this machine, or answers over the network
  halted,    // on this machine, but off
};

// The id of such findings.
inline constexpr std::string_view advisory_finding_id = "intel.advisory";
// The same where the vendor's page has not confirmed the first fixed build.
inline constexpr std::string_view unconfirmed_advisory_finding_id = "intel.advisory.unconfirmed";

// One finding an advisory, by certainty "intel.advisory" or "intel.advisory.unconfirmed": a warning where one that its
// vendor calls critical or high concerns firmware at work, else worth knowing. `references` holds the advisory's number
// and its CVE numbers.
std::vector<Finding> advisory_findings(AdvisedProduct product, const Version& version,
                                       const std::vector<Advisory>& advisories, AdvisedFirmware where);

}  // namespace quell::intel
