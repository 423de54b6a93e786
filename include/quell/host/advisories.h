// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quell::host {

// A firmware version: major.minor.hotfix.build; what is not given is 0.
struct Version {
  std::array<std::uint32_t, 4> parts{};
  unsigned given = 0;  // how many parts the text had

  [[nodiscard]] std::uint32_t major() const noexcept { return parts[0]; }
  [[nodiscard]] std::string text() const;
  friend auto operator<=>(const Version& a, const Version& b) noexcept { return a.parts <=> b.parts; }
  friend bool operator==(const Version& a, const Version& b) noexcept { return a.parts == b.parts; }
};

// "9.1.45.3000" or, as sysfs writes it, "0:9.1.45.3000"; nothing for anything else.
std::optional<Version> parse_version(std::string_view text);

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

}  // namespace quell::host
