// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/records.h"

#include <fstream>

#include <fmt/format.h>

namespace quell::test {

std::string digest_of(unsigned number) { return fmt::format("{:064x}", number * 0x9E3779B97F4A7C15ULL); }

Json image_record(unsigned number) {
  const std::string version = fmt::format("11.{}.0.{}", number % 5, 1000 + number % 7);
  Json engine{{"id", "intel-me"},
              {"title", "Intel CSE ME " + version},
              {"family", "CSE ME"},
              {"version", version},
              {"states", Json::array()},
              {"disable_bit_set", false},
              {"network_stack", "none"},
              {"network_set_up", "not-told"},
              {"checks", {{"structure", {{"held", 1}}}, {"signatures", {{"held", 3}}}}},
              {"keys", {{{"form", "md5"}, {"id", fmt::format("{:032x}", number % 3)}, {"bits", 2048}}}},
              {"facts", {{"family", "CSE ME"}, {"version", version}, {"signature", "valid"}}},
              {"actions", {{{"id", "strip"}, {"state", number % 2 == 0 ? "available" : "refused"}}}}};
  return {{"sha256", digest_of(number)},
          {"size", 1048576 + number},
          {"quell", "0.1.0"},
          {"tables", std::string(64, 'a')},
          {"level", "inspect"},
          {"status", "ok"},
          {"ms", 1.5 + number},
          {"kind", "intel.me-region"},
          {"title", "Intel ME region"},
          {"checks", {{"regions", {{"held", 2}, {"not-checked", 1}}}}},
          {"engines", Json::array({std::move(engine)})},
          {"findings", Json::array()},
          {"advisories", Json::array()}};
}

Json file_record(const std::string& path, unsigned number) {
  return {{"path", path},
          {"size", 1048576 + number},
          {"mtime", "2026-01-31T23:59:59.000000001Z"},
          {"sha256", digest_of(number)},
          {"status", "ok"}};
}

std::string image_line(const Json& image) { return Json{{"schema", "quell/scan/1"}, {"image", image}}.dump(); }

std::string file_line(const Json& file) { return Json{{"schema", "quell/scan/1"}, {"file", file}}.dump(); }

namespace {

void add_advisories(Json& image, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    const std::string name = fmt::format("INTEL-SA-{:05}", 100 + i);
    image["advisories"].push_back({{"id", name},
                                   {"engine", "intel-me"},
                                   {"confirmed", i % 2 == 0},
                                   {"severity", "info"},
                                   {"cves", {fmt::format("CVE-2017-{}", 5700 + i), "CVE-2018-3627"}}});
    image["findings"].push_back({{"id", "intel.advisory"},
                                 {"severity", "info"},
                                 {"question", "structure"},
                                 {"engine", "intel-me"},
                                 {"subject", "affected by " + name}});
  }
}

Json failed_image(unsigned number, const char* status) {
  Json image = image_record(number);
  image["status"] = status;
  image["engines"] = Json::array();
  image["checks"] = Json::object();
  image.erase("kind");
  image.erase("title");
  return image;
}

// One of each kind of result.
std::vector<Json> odd_images() {
  std::vector<Json> out;
  Json damaged = image_record(50);
  damaged["status"] = "damaged";
  damaged["engines"][0]["checks"]["signatures"] = {{"held", 2}, {"failed", 1}};
  damaged["checks"]["signatures"] = {{"failed", 2}};
  damaged["findings"].push_back({{"id", "intel.signature.invalid"},
                                 {"severity", "error"},
                                 {"question", "signatures"},
                                 {"subject", "a \x1b[31msignature\t\\ does not \"hold\"\n"},
                                 {"offset", 4096}});
  out.push_back(damaged);
  Json disabled = image_record(51);
  disabled["engines"][0]["disable_bit_set"] = true;
  disabled["engines"][0]["states"] = {"stripped", "disabled"};
  out.push_back(disabled);
  Json manageable = image_record(52);
  manageable["engines"][0]["disable_bit_set"] = nullptr;
  manageable["engines"][0]["network_stack"] = "present";
  manageable["engines"][0]["network_set_up"] = "yes";
  manageable["engines"].push_back(manageable["engines"][0]);
  manageable["engines"][1]["id"] = "amd-psp";
  manageable["engines"][1].erase("disable_bit_set");
  manageable["engines"][1].erase("family");
  out.push_back(manageable);
  Json unknown = failed_image(53, "unknown");
  unknown["error"] = "nothing in it is known";
  out.push_back(unknown);
  Json crashed = failed_image(54, "crash");
  crashed["signal"] = 11;
  out.push_back(crashed);
  out.push_back(failed_image(55, "timeout"));
  out.push_back(failed_image(56, "memory"));
  return out;
}

}  // namespace

std::vector<std::string> fleet() {
  std::vector<std::string> lines;
  for (unsigned i = 0; i < 20; ++i) {
    Json image = image_record(i);
    add_advisories(image, i % 4);
    lines.push_back(image_line(image));
    lines.push_back(file_line(file_record(fmt::format("/images/{:03}.bin", i), i)));
  }
  unsigned number = 50;
  for (const Json& image : odd_images()) {
    lines.push_back(image_line(image));
    lines.push_back(file_line(file_record(fmt::format("/images/odd-{}.bin", number), number)));
    ++number;
  }
  // The same content at other places, under names of every kind, and once more by a later program.
  for (const char* path : {"/images/ä.bin", "/images/Z.bin", "/images/_.bin", "/images/a,\"b\".bin"}) {
    lines.push_back(file_line(file_record(path, 3)));
  }
  Json torn_name = file_record("/images/\uFFFD.bin", 4);
  torn_name["path_base64"] = "L2ltYWdlcy//LmJpbg==";
  lines.push_back(file_line(torn_name));
  Json later = image_record(5);
  later["quell"] = "0.2.0";
  later["level"] = "check";
  later["ms"] = 0.125;
  lines.push_back(image_line(later));
  lines.push_back(
      file_line({{"path", "/images/locked.bin"}, {"status", "unreadable"}, {"error", "Permission denied"}}));
  lines.push_back(file_line({{"path", "/images/pipe"}, {"status", "not-a-file"}}));
  lines.push_back(
      file_line({{"path", "/images/000.bin"}, {"size", 7}, {"status", "changed"}, {"error", "another program"}}));
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out.append(line).append("\n");
  return out;
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace quell::test
