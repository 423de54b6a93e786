// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quell {

// A firmware version; parts that a source does not give are 0.
struct Version {
  std::uint32_t major = 0, minor = 0, hotfix = 0, build = 0;
  unsigned given = 4;  // how many parts the source had; of no weight in comparisons

  friend constexpr std::strong_ordering operator<=>(const Version& a, const Version& b) noexcept {
    if (const auto c = a.major <=> b.major; c != 0) return c;
    if (const auto c = a.minor <=> b.minor; c != 0) return c;
    if (const auto c = a.hotfix <=> b.hotfix; c != 0) return c;
    return a.build <=> b.build;
  }
  friend constexpr bool operator==(const Version& a, const Version& b) noexcept { return (a <=> b) == 0; }
};

// "11.6.31.3309": the parts that were given, but at least two.
std::string to_string(const Version& version);

// "9.1.45.3000" or, as sysfs writes it, "0:9.1.45.3000"; nothing for anything else.
std::optional<Version> parse_version(std::string_view text);

}  // namespace quell
