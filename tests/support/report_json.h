// SPDX-License-Identifier: GPL-2.0-or-later
// A report as JSON, exactly as `quell inspect --json` prints it, with ways to find things in it; and the recorded
// results to compare with.
//
// oracle/other was recorded with other tools. Its document names three fields in which those tools are wrong; there the
// tests compare what the tool should have said:
//   coreboot.json  files[].type            "(unknown)" for the stages of builds before 2021, which cbfstool forgot
//   coreboot.json  fit[].size_as_printed   ifittool prints every size times 16, also those that count bytes
//   img4.json      payload.compression_line  img4tool prints "bvx2" whatever the payload starts with
// Where a tool gave up (bootguard-images.json: no table in the 64 KiB image, no text for a boot policy of version 1.0)
// nothing is recorded, and ours says more.
#pragma once

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "quell/mapped_file.h"
#include "quell/survey/report.h"
#include "report/json.h"
#include "support/shared.h"

namespace quell::test {

using Json = nlohmann::ordered_json;

// The single image of the document, or null when nothing was recognised.
inline Json inspect(Bytes bytes, const std::string& name, Depth depth = Depth::structure) {
  Image image(name, ByteView(bytes));
  const auto report = examine(image, depth);
  if (!report) return nullptr;
  return Json::parse(report::to_json("inspect", {*report})).at("images").at(0);
}

inline Buffer read_shared(const std::string& relative) {
  const auto file = MappedFile::open(shared(relative).string());
  if (!file) return {};
  const Bytes bytes = file->view().bytes();
  return {bytes.begin(), bytes.end()};
}

// The corpus file of a sample name such as "fip/tz-v3.mbn".
inline Buffer sample(const std::string& name) { return read_shared("corpus/" + name); }

inline Json inspect_sample(const std::string& name) { return inspect(sample(name), name); }

// The items of oracle/other/<name>.json.
inline Json oracle(const std::string& name) {
  std::ifstream stream(shared("oracle/other/" + name + ".json"));
  return Json::parse(stream).at("items");
}

inline void collect_into(const Json& node, std::string_view kind, std::vector<Json>& out) {
  if (node.is_object() && node.contains("kind") && node.contains("name") && node.at("kind") == kind)
    out.push_back(node);
  if (!node.contains("children")) return;
  for (const Json& child : node.at("children")) collect_into(child, kind, out);
}

// Every component of a kind, of the layout and of all engines.
inline std::vector<Json> components(const Json& image, std::string_view kind) {
  std::vector<Json> out;
  collect_into(image.at("layout"), kind, out);
  for (const Json& engine : image.at("engines")) collect_into(engine.at("tree"), kind, out);
  return out;
}

// The report of one engine, or null.
inline Json engine(const Json& image, std::string_view id) {
  for (const Json& report : image.at("engines")) {
    if (report.at("engine") == id) return report;
  }
  return nullptr;
}

inline std::vector<Json> findings(const Json& image) {
  std::vector<Json> out(image.at("findings").begin(), image.at("findings").end());
  for (const Json& report : image.at("engines")) {
    out.insert(out.end(), report.at("findings").begin(), report.at("findings").end());
  }
  return out;
}

// The finding with this id, or null.
inline Json finding(const Json& image, std::string_view id) {
  for (const Json& found : findings(image)) {
    if (found.at("id") == id) return found;
  }
  return nullptr;
}

// A number of the recorded results: plain, or as "0x..." text.
inline std::uint64_t number(const Json& value) {
  return value.is_string() ? std::stoull(value.get<std::string>(), nullptr, 0) : value.get<std::uint64_t>();
}

}  // namespace quell::test
