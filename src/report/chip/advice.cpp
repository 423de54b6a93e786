// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/chip/advice.h"

#include <array>

#include <fmt/format.h>

#include "report/json_values.h"

namespace quell::report::chip {
namespace {

std::string_view verdict_text(const spi::RegionAdvice& advice) {
  constexpr std::array<std::string_view, 4> names{"external only", "external, or the vendor's update tool", "may work",
                                                  "unknown"};
  return names.at(static_cast<std::size_t>(advice.verdict));
}

}  // namespace

std::string advice_text(const spi::Advice& advice) {
  std::string text = "What this machine allows to be written from within (by looking only):\n";
  for (const spi::RegionAdvice& region : advice.regions) {
    text += fmt::format("  {:<5} {}: {}\n", region.region, verdict_text(region), region.reason);
  }
  for (const std::string& line : advice.evidence) text += fmt::format("  read: {}\n", line);
  for (const std::string& line : advice.missing) text += fmt::format("  not known: {}\n", line);
  return text + "quell writes through an external programmer only: see `quell wiring`.\n";
}

std::string advice_json(const spi::Advice& advice) {
  Json out = document("flash");
  out["regions"] = Json::array();
  for (const spi::RegionAdvice& region : advice.regions) {
    out["regions"].push_back({{"region", region.region}, {"verdict", verdict_text(region)}, {"reason", region.reason}});
  }
  out["evidence"] = advice.evidence;
  out["missing"] = advice.missing;
  return dump(out);
}

}  // namespace quell::report::chip
