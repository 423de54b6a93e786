// SPDX-License-Identifier: GPL-2.0-or-later
// What the tables say of several chipsets together.
#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "intel/platform/tables.h"

namespace quell::intel {
namespace {

using Places = std::set<std::tuple<bool, std::uint64_t, unsigned>>;

Places places_of(std::string_view family) {
  Places places;
  for (const LocationRow& row : location_rows()) {
    if (row.family == family && row.written && row.offset) places.emplace(row.of_mch, *row.offset, row.bit);
  }
  return places;
}

}  // namespace

std::string title_of(const Families& families) {
  std::vector<std::string> titles;
  for (const LocationRow& row : location_rows()) {
    if (contains(families, row.family) && std::ranges::find(titles, row.platform) == titles.end())
      titles.push_back(row.platform);
  }
  return fmt::format("{}", fmt::join(titles, " or "));
}

bool same_places(const Families& families) {
  return std::ranges::all_of(families,
                             [&](const std::string& f) { return places_of(f) == places_of(families.front()); });
}

Evidence weakest_evidence(const Families& families) {
  std::optional<Evidence> worst;
  for (const LocationRow& row : location_rows()) {
    if (contains(families, row.family) && row.written && row.offset)
      worst = std::max(worst.value_or(Evidence::confirmed), row.evidence);
  }
  return worst.value_or(Evidence::unknown);
}

Families families_of_firmware(std::string_view product, const Version& version, std::string_view variant) {
  const auto fits = [&](const FirmwareRow& row, std::string_view wanted) {
    return row.product == product && row.major == version.major && version.minor >= row.minor_min &&
           version.minor <= row.minor_max && row.variant == wanted;
  };
  for (const std::string_view wanted : {variant, std::string_view()}) {
    const auto found = std::ranges::find_if(firmware_rows(), [&](const FirmwareRow& row) { return fits(row, wanted); });
    if (found != firmware_rows().end()) return found->families;
  }
  return {};
}

KnownPlace known_place(std::vector<std::string> families, const std::optional<Version>& firmware) {
  if (firmware) {
    // Several chipsets share a device number where each has its own firmware.
    const Families both = common(families, families_of_firmware("ME", *firmware, ""));
    if (!both.empty()) families = both;
  }
  return {title_of(families), same_places(families) ? weakest_evidence(families) : Evidence::unknown};
}

}  // namespace quell::intel
