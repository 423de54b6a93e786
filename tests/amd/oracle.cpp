// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/oracle.h"

#include <array>
#include <fstream>

#include <fmt/format.h>
#include <lzma.h>

#include "base/octets.h"
#include "quell/image.h"
#include "quell/survey/report.h"
#include "report/json.h"

namespace quell::test {
namespace {

Buffer read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// Hexadecimal texts as numbers; everything else as it is.
Json plain(const Json& value) {
  if (!value.is_string()) return value;
  const std::string text = value.get<std::string>();
  if (!text.starts_with("0x")) return value;
  return std::stoull(text, nullptr, 16);
}

class Comparison {
 public:
  std::vector<std::string> lines;

  // Compares the plain and nested members of an object with attributes; lists of objects are the caller's.
  void object(const std::string& where, const Json& expected, const Json& attributes, const std::string& prefix = "") {
    for (const auto& [key, value] : expected.items()) {
      if (value.is_object()) {
        object(where, value, attributes, prefix + key + "_");
      } else if (!is_list_of_objects(value)) {
        member(where, prefix + key, value, attributes);
      }
    }
  }

  void member(const std::string& where, const std::string& key, const Json& expected, const Json& attributes) {
    const Json found = attributes.contains(key) ? attributes.at(key) : Json();
    if (plain(expected) != found) {
      lines.push_back(fmt::format("{}: {} is {} instead of {}", where, key, found.dump(), expected.dump()));
    }
  }

  void same_count(const std::string& where, std::size_t expected, std::size_t found) {
    if (expected != found) lines.push_back(fmt::format("{}: {} instead of {}", where, found, expected));
  }

 private:
  static bool is_list_of_objects(const Json& value) {
    return value.is_array() && !value.empty() && value.front().is_object();
  }
};

std::vector<Json> children(const Json& component, std::string_view kind) {
  std::vector<Json> out;
  if (!component.contains("children")) return out;
  for (const Json& child : component.at("children")) {
    if (child.at("kind") == kind) out.push_back(child);
  }
  return out;
}

void compare_list(Comparison& comparison, const std::string& where, const Json& expected, const Json& parent,
                  std::string_view kind) {
  const std::vector<Json> found = children(parent, kind);
  comparison.same_count(where, expected.size(), found.size());
  for (std::size_t i = 0; i < std::min(expected.size(), found.size()); ++i) {
    comparison.object(fmt::format("{}[{}]", where, i), expected[i], found[i].at("attributes"));
  }
}

void compare_entry(Comparison& comparison, const std::string& where, const Json& expected, const Json& found) {
  comparison.object(where, expected, found.at("attributes"));
  if (expected.contains("sub_images")) {
    compare_list(comparison, where + ".sub_images", expected.at("sub_images"), found, "sub-image");
  }
  if (expected.contains("spl")) {
    compare_list(comparison, where + ".spl", expected.at("spl").at("entries"), found, "spl-record");
  }
}

void compare_directory(Comparison& comparison, const Json& expected, const Json& found) {
  const std::string where = expected.at("offset").get<std::string>();
  Json fields = expected;
  fields.erase("entries");
  comparison.object(where, fields, found.at("attributes"));
  const bool combo = expected.at("kind").get<std::string>().ends_with("combo");
  const std::vector<Json> entries = children(found, combo ? "combo-entry" : "entry");
  comparison.same_count(where + ".entries", expected.at("entries").size(), entries.size());
  for (std::size_t i = 0; i < std::min(expected.at("entries").size(), entries.size()); ++i) {
    compare_entry(comparison, fmt::format("{}[{}]", where, i), expected.at("entries")[i], entries[i]);
  }
}

void compare_efs(Comparison& comparison, Json expected, const Json& tree) {
  const std::vector<Json> efs = children(tree, "efs");
  comparison.same_count("efs", 1, efs.size());
  if (efs.empty()) return;
  comparison.object("efs.fields", expected.at("fields"), efs.front().at("attributes"));
  expected.erase("fields");
  comparison.object("efs", expected, efs.front().at("attributes"));
}

}  // namespace

Json read_json(const std::filesystem::path& path) {
  std::ifstream in(path);
  return Json::parse(in);
}

Buffer unxz(const std::filesystem::path& path) {
  const Buffer packed = read_file(path);
  Buffer out(64U << 20U);
  std::uint64_t memory = 1U << 30U;
  std::size_t in_at = 0;
  std::size_t out_at = 0;
  const lzma_ret status = lzma_stream_buffer_decode(&memory, 0, nullptr, octets(Bytes(packed)), &in_at, packed.size(),
                                                    octets(std::span(out)), &out_at, out.size());
  out.resize(status == LZMA_OK ? out_at : 0);
  return out;
}

Json inspect(const Buffer& bytes, const std::string& name) {
  Image image(name, ByteView(bytes));
  const auto report = examine(image, Depth::structure);
  if (!report) return {{"error", report.error().message}};
  return Json::parse(report::to_json("inspect", {*report})).at("images").at(0);
}

std::vector<Json> amd_engines(const Json& image) {
  std::vector<Json> out;
  if (!image.contains("engines")) return out;
  for (const Json& engine : image.at("engines")) {
    if (engine.at("engine") == "amd-psp") out.push_back(engine);
  }
  return out;
}

std::vector<std::string> differences(const Json& rom, const Json& engine) {
  Comparison comparison;
  const Json& tree = engine.at("tree");
  Json fields = rom;
  for (const char* part : {"efs", "directories", "keys", "findings"}) fields.erase(part);
  comparison.object("rom", fields, tree.at("attributes"));
  compare_efs(comparison, rom.at("efs"), tree);
  const std::vector<Json> directories = children(tree, "directory");
  comparison.same_count("directories", rom.at("directories").size(), directories.size());
  for (std::size_t i = 0; i < std::min(rom.at("directories").size(), directories.size()); ++i) {
    compare_directory(comparison, rom.at("directories")[i], directories[i]);
  }
  compare_list(comparison, "keys", rom.at("keys"), children(tree, "keys").at(0), "key");
  return comparison.lines;
}

std::string line_of_reference(const Json& finding) {
  const Json where = finding.at("where").is_null() ? Json() : plain(finding.at("where"));
  return fmt::format("{} {} {} {}", finding.at("id").get<std::string>(), finding.at("severity").get<std::string>(),
                     where.dump(), finding.at("detail").get<std::string>());
}

std::string line_of(const Json& finding) {
  const std::string id = finding.at("id").get<std::string>();
  const std::string severity = finding.at("severity").get<std::string>();
  const Json where = finding.contains("range") ? finding.at("range").at("offset") : Json();
  return fmt::format("{} {} {} {}", id.starts_with("amd.") ? id.substr(4) : id,
                     severity == "warning" ? "notice" : severity, where.dump(), finding.value("detail", ""));
}

bool in_vocabulary(const std::string& id) {
  constexpr std::array ours_only{"amd.file-shorter-than-contents", "amd.ftpm-stutter", "amd.ftpm-attestation",
                                 "amd.rom-armor", "amd.compressed-data-damaged"};
  return std::ranges::find(ours_only, id) == ours_only.end();
}

}  // namespace quell::test
