// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/chip/advice.h"

#include <array>

#include <fmt/format.h>

#include "report/document_json.h"
#include "report/document_text.h"

namespace quell::report::chip {
namespace {

std::string_view verdict_text(const flash::RegionAccess& advice) {
  constexpr std::array<std::string_view, 4> names{"external only", "external, or the vendor's update tool", "may work",
                                                  "unknown"};
  return names.at(static_cast<std::size_t>(advice.verdict));
}

doc::Document document_of(const flash::HostAccess& advice) {
  doc::Document out{"flash", {}};
  doc::Section& body = out.body;
  const auto line = [&body](std::string text) { body.show(doc::Line{{{std::move(text)}}}); };
  line("What this machine allows to be written from within (by looking only):");
  doc::Table regions{.key = "regions"};
  for (const char* key : {"region", "verdict", "reason", "readable"}) regions.columns.push_back({key});
  for (const flash::RegionAccess& region : advice.regions) {
    line(fmt::format("  {:<5} {}: {}{}", region.region, verdict_text(region), region.reason,
                     region.readable == false ? "; it may not be read either" : ""));
    regions.rows.push_back({{region.region, doc::Value(verdict_text(region), doc::As::state), region.reason,
                             region.readable ? doc::Value(*region.readable) : doc::Value()}});
  }
  body.data(std::move(regions)).field("evidence", advice.evidence).field("missing", advice.missing);
  for (const std::string& text : advice.evidence) line(fmt::format("  read: {}", text));
  for (const std::string& text : advice.missing) line(fmt::format("  not known: {}", text));
  line(
      "An external programmer (`quell wiring`) gets by all of this. From within: `quell flash IMAGE -p internal "
      "--allow-internal`.");
  return out;
}

}  // namespace

std::string advice_text(const flash::HostAccess& advice) { return to_text(document_of(advice).body, {}); }
std::string advice_json(const flash::HostAccess& advice) { return to_json(document_of(advice)); }

}  // namespace quell::report::chip
