// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of a scan, to be looked at.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/program.h"

namespace quell::test {

inline std::vector<nlohmann::json> lines_of(const std::string& text) {
  std::vector<nlohmann::json> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(nlohmann::json::parse(line));
  return out;
}

// What two runs have in common: the sorted lines without the time that an image took.
inline std::vector<std::string> comparable(const std::string& text) {
  std::vector<std::string> out;
  for (nlohmann::json line : lines_of(text)) {
    if (line.contains("image")) line["image"].erase("ms");
    out.push_back(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  std::ranges::sort(out);
  return out;
}

// The file line of a path; null where there is none or more than one.
inline nlohmann::json file_line(const std::vector<nlohmann::json>& lines, const std::string& path) {
  nlohmann::json found;
  for (const nlohmann::json& line : lines) {
    if (!line.contains("file") || line["file"]["path"] != path) continue;
    if (!found.is_null()) return nullptr;
    found = line["file"];
  }
  return found;
}

// The image line of the content that a path has.
inline nlohmann::json image_line(const std::vector<nlohmann::json>& lines, const std::string& path) {
  const nlohmann::json file = file_line(lines, path);
  if (!file.is_object() || !file.contains("sha256")) return nullptr;
  nlohmann::json found;
  for (const nlohmann::json& line : lines) {
    if (!line.contains("image") || line["image"]["sha256"] != file["sha256"]) continue;
    if (!found.is_null()) return nullptr;
    found = line["image"];
  }
  return found;
}

}  // namespace quell::test
