// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/firmware_version.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "base/number.h"

namespace quell {

std::string to_string(const Version& version) {
  const std::array parts{version.major, version.minor, version.hotfix, version.build};
  const std::size_t count = std::clamp<std::size_t>(version.given, 2, parts.size());
  return fmt::format("{}", fmt::join(parts.begin(), std::next(parts.begin(), static_cast<std::ptrdiff_t>(count)), "."));
}

std::optional<Version> parse_version(std::string_view text) {
  if (const auto colon = text.find(':'); colon != std::string_view::npos) text.remove_prefix(colon + 1);
  Version out{.given = 0};
  const std::array<std::uint32_t*, 4> parts{&out.major, &out.minor, &out.hotfix, &out.build};
  while (true) {
    const auto dot = text.find('.');
    const auto number = parse_decimal(text.substr(0, dot));
    if (!number || *number > std::numeric_limits<std::uint32_t>::max() || out.given == parts.size())
      return std::nullopt;
    *parts.at(out.given++) = static_cast<std::uint32_t>(*number);
    if (dot == std::string_view::npos) return out;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace quell
