// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "report/check.h"
#include "report/compare_values.h"
#include "report/json_values.h"

namespace quell::report {
namespace {

Json json_of_item(const CheckItem& item) {
  Json out;
  out["id"] = to_string(item.question);
  out["title"] = item.title;
  out["state"] = to_string(item.state);
  if (!item.note.empty()) out["note"] = item.note;
  out["checks"] = Json::array();
  for (const AskedCheck& one : item.checks) {
    Json check = json_of(one.check);
    if (!one.engine.empty()) check["engine"] = one.engine;
    out["checks"].push_back(std::move(check));
  }
  out["findings"] = Json::array();
  for (const Finding& finding : item.findings) out["findings"].push_back(json_of(finding));
  return out;
}

Json json_of_file(const CheckedFile& checked) {
  Json out;
  out["file"] = checked.file;
  if (checked.failure) {
    out["verdict"] = "not checked";
    out["error"] = checked.failure->message;
    return out;
  }
  out["verdict"] = sound(checked.items) ? "sound" : "not sound";
  out["size"] = checked.report->size;
  out["sha256"] = to_hex(checked.report->sha256);
  out["kind"] = checked.report->what.kind;
  out["title"] = checked.report->what.title;
  if (!checked.report->what.next_step.empty()) out["next_step"] = checked.report->what.next_step;
  out["engines"] = Json::array();
  for (const EngineReport& engine : checked.report->engines) out["engines"].push_back(engine.title);
  out["facts"] = Json::array();
  for (const EngineReport& engine : checked.report->engines) {
    out["facts"].push_back({{"engine", engine.engine}, {"facts", json_of(engine.facts)}});
  }
  out["checks"] = Json::array();
  for (const CheckItem& item : checked.items) out["checks"].push_back(json_of_item(item));
  return out;
}

}  // namespace

std::string check_json(const std::vector<CheckedFile>& files, const std::vector<ReadDifference>& reads) {
  Json out = document("check");
  out["images"] = Json::array();
  for (const CheckedFile& file : files) out["images"].push_back(json_of_file(file));
  if (!reads.empty()) {
    out["reads_agree"] = std::ranges::all_of(reads, &ReadDifference::agree);
    out["reads"] = Json::array();
    for (const ReadDifference& read : reads) {
      Json item;
      item["first"] = read.first;
      item["other"] = read.other;
      item["agree"] = read.agree();
      item["first_size"] = read.first_size;
      item["other_size"] = read.other_size;
      item["parts"] = json_of(read.parts);
      if (!read.agree()) item["likely_cause"] = likely_cause(read);
      out["reads"].push_back(std::move(item));
    }
  }
  return dump(out);
}

}  // namespace quell::report
