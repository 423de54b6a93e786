// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/compare_values.h"
#include "report/diff.h"
#include "report/text.h"

namespace quell::report {
namespace {

Json json_of_side(const Report& report) {
  Json out;
  out["file"] = report.file;
  out["size"] = report.size;
  out["sha256"] = to_hex(report.sha256);
  out["kind"] = report.what.kind;
  return out;
}

Json optional_range(Range range) { return range.empty() ? Json(nullptr) : json_of(range); }

}  // namespace

std::string side_text(const std::optional<Attribute>& said) { return said ? value_text(*said) : "-"; }

Json json_of(const std::vector<PartDifference>& parts) {
  Json out = Json::array();
  for (const PartDifference& part : parts) {
    Json item;
    item["path"] = part.path;
    item["kind"] = part.kind;
    item["range"] = optional_range(part.range);
    item["summary"] = summary(part);
    item["bytes"] = part.bytes;
    item["places"] = part.runs;
    item["first"] = Json::array();
    for (const Range& range : part.first) item["first"].push_back(json_of(range));
    item["erased"] = part.erased;
    item["zeroed"] = part.zeroed;
    item["bits_set"] = part.bits_set;
    item["bits_cleared"] = part.bits_cleared;
    out.push_back(std::move(item));
  }
  return out;
}

std::string diff_json(const Report& before, const Report& after, const Comparison& comparison) {
  Json out = document("diff");
  out["before"] = json_of_side(before);
  out["after"] = json_of_side(after);
  out["same"] = comparison.same;
  out["bytes"] = comparison.bytes;
  out["parts"] = json_of(comparison.parts);
  out["descriptor"] = json_of(comparison.words);
  if (!comparison.firmware.empty()) {
    for (const FirmwareDifference& one : comparison.firmware) {
      out["firmware"].push_back(
          {{"what", to_string(one.what)}, {"change", to_string(one.kind)}, {"guid", one.guid}, {"name", one.name}});
    }
  }
  out["structure"] = Json::array();
  for (const StructureDifference& difference : comparison.structure) {
    out["structure"].push_back({{"change", to_string(difference.kind)},
                                {"path", difference.path},
                                {"kind", difference.component},
                                {"before", optional_range(difference.before)},
                                {"after", optional_range(difference.after)}});
  }
  out["facts"] = Json::array();
  for (const FactDifference& fact : comparison.facts) {
    out["facts"].push_back({{"engine", fact.engine},
                            {"key", fact.key},
                            {"before", side_text(fact.before)},
                            {"after", side_text(fact.after)}});
  }
  return dump(out);
}

}  // namespace quell::report
