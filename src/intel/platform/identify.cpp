// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "intel/platform.h"
#include "intel/platform/straps.h"
#include "intel/platform/tables.h"

namespace quell::intel {
namespace {

const SignatureRow* find_signature(const flash::FlashDescriptor& d) {
  const SignatureRow* by_range = nullptr;
  for (const SignatureRow& row : signature_rows()) {
    if (d.strap_count < row.isl || d.strap_count > row.isl_last) continue;
    if (row.flmap2 == d.flmap2) return &row;
    if (!row.flmap2 && (d.flmap2 >> 16U & 0xFFU) == 0) by_range = &row;
  }
  return by_range;
}

// Chipsets that share a signature are told apart by the straps where their tests differ (Alder Point-P and -N).
Families narrow_by_shape(const flash::FlashDescriptor& d, const Families& families) {
  Families passing;
  for (const std::string& family : families) {
    if (test_shape(d, family) != Shape::failed) passing.push_back(family);
  }
  return passing.empty() ? families : passing;
}

Families by_version(const FirmwareFacts& facts) {
  return facts.version && facts.verified ? families_of_firmware(facts.product, *facts.version, facts.variant)
                                         : Families();
}

Families by_pmc(const FirmwareFacts& facts) {
  if (!facts.pmc) return {};
  for (const PmcRow& row : pmc_rows()) {
    if (row.major == facts.pmc->first && (!row.minor || *row.minor == facts.pmc->second)) return row.families;
  }
  return {};
}

std::string join(const Families& families, std::string_view separator) {
  return fmt::format("{}", fmt::join(families, separator));
}

struct Routes {
  const SignatureRow* signature = nullptr;
  Families descriptor{};  // route A
  Families firmware{};    // route B
  bool pmc_contradicts = false;
};

Routes take_routes(const flash::FlashDescriptor& d, const FirmwareFacts& facts, Platform& out) {
  Routes routes;
  routes.signature = find_signature(d);
  const auto numbers = fmt::format("{:#04x} straps, FLMAP2 {:#010x}", d.strap_count, d.flmap2);
  if (routes.signature != nullptr) {
    routes.descriptor = narrow_by_shape(d, routes.signature->families);
    out.evidence.push_back(
        fmt::format("descriptor: {} is {} ({})", numbers, join(routes.descriptor, " or "), routes.signature->source));
  } else {
    out.evidence.push_back(fmt::format("descriptor: {} is in no table", numbers));
  }
  routes.firmware = by_version(facts);
  out.evidence.push_back(fmt::format("firmware: {}{}", to_string(facts),
                                     routes.firmware.empty() ? "" : " is for " + join(routes.firmware, " or ")));
  const Families pmc = by_pmc(facts);
  if (!pmc.empty() && !routes.firmware.empty()) {
    const Families both = common(routes.firmware, pmc);
    // Chipsets with the bit at one place (Cannon and Comet Point-LP) run each other's firmware.
    routes.pmc_contradicts = both.empty() && !same_places({routes.firmware.front(), pmc.front()});
    if (!both.empty()) routes.firmware = both;
  }
  return routes;
}

void combine(const Routes& routes, const FirmwareFacts& facts, Platform& out) {
  const bool a = !routes.descriptor.empty();
  const bool b = !routes.firmware.empty();
  out.families = a ? routes.descriptor : routes.firmware;
  if (!a && !b) {
    out.confidence = Confidence::unknown;
    return;
  }
  if (a && b) {
    const Families both = common(routes.descriptor, routes.firmware);
    if (both.empty() || routes.pmc_contradicts) {
      out.confidence = Confidence::conflict;
      for (const std::string& family : routes.firmware) {
        if (!contains(out.families, family)) out.families.push_back(family);
      }
      out.evidence.emplace_back(routes.pmc_contradicts ? "the firmware's partitions are for different chipsets"
                                                       : "descriptor and firmware are for different chipsets");
      return;
    }
    out.families = both;
  } else if (routes.pmc_contradicts) {
    out.confidence = Confidence::conflict;
    return;
  }
  const bool withheld = !b;
  out.confidence = !same_places(out.families) ? Confidence::ambiguous
                   : withheld                 ? Confidence::probable
                                              : Confidence::confirmed;
  if (withheld && facts.version) {
    out.evidence.emplace_back(facts.verified ? "this firmware version is in no table"
                                             : "firmware without a valid production signature proves nothing");
  }
}

}  // namespace

std::string_view to_string(Confidence confidence) noexcept {
  switch (confidence) {
    case Confidence::confirmed: return "confirmed";
    case Confidence::probable: return "probable";
    case Confidence::ambiguous: return "ambiguous";
    case Confidence::conflict: return "conflict";
    case Confidence::unknown: return "unknown";
  }
  return "unknown";
}

Platform identify_platform(const flash::FlashDescriptor& descriptor, const FirmwareFacts& facts) {
  Platform out;
  const Routes routes = take_routes(descriptor, facts, out);
  combine(routes, facts, out);
  if (out.families.empty()) return out;
  out.name = routes.signature != nullptr && out.families == routes.signature->families ? routes.signature->name
                                                                                       : join(out.families, "/");
  out.title = title_of(out.families);
  return out;
}

}  // namespace quell::intel
