// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/page/units.h"

#include <map>

namespace quell::report {
namespace {

using Units = std::map<std::string, std::string_view>;

void add(Units& units, const Attributes& attributes) {
  for (const Attribute& one : attributes) {
    if (!std::holds_alternative<std::uint64_t>(one.value)) continue;
    if (one.show == Show::size) units.emplace(one.key, "bytes");
    if (one.show == Show::hex) units.emplace(one.key, "hex");
  }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the tree
void add(Units& units, const Component& component) {
  add(units, component.attributes);
  for (const Component& child : component.children) add(units, child);
}

}  // namespace

doc::Value units_of(const Report& report) {
  Units units;
  add(units, report.layout);
  if (report.bios) {
    add(units, report.bios->facts);
    add(units, report.bios->tree);
  }
  for (const EngineReport& engine : report.engines) {
    add(units, engine.facts);
    add(units, engine.tree);
  }
  doc::Value::Object out;
  for (const auto& [key, unit] : units) out.push_back({key, unit});
  return out;
}

}  // namespace quell::report
