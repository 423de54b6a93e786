// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/cyclonedx.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "intel/advisories.h"
#include "quell/digest.h"
#include "quell/version.h"
#include "report/json_values.h"
#include "report/text.h"

namespace quell::report {
namespace {

// Who makes the firmware of an engine.
std::string_view supplier_of(std::string_view engine) {
  if (engine.starts_with("intel-")) return "Intel";
  if (engine.starts_with("amd-")) return "AMD";
  if (engine == "apple-sep") return "Apple";
  if (engine == "raspberry-pi") return "Raspberry Pi Ltd";
  return {};
}

// A UUID made of the image's digest: version 8, the variant of RFC 9562.
std::string serial_number(const Sha256& digest) {
  std::string hex = to_hex(digest).substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  return fmt::format("urn:uuid:{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20, 12));
}

Json digest_of(ByteView image, Range range) {
  return Json::array(
      {{{"alg", "SHA-256"}, {"content", to_hex(hash(HashAlgorithm::sha256, image.clip(range).bytes()))}}});
}

Json property(std::string_view name, std::string value) {
  return {{"name", fmt::format("quell:{}", name)}, {"value", std::move(value)}};
}

// Hashes and place of a part that lies in the file as a whole.
void add_place(Json& out, ByteView image, Range range) {
  if (range.empty() || !image.range().contains(range)) return;
  out["hashes"] = digest_of(image, range);
  out["properties"] = Json::array(
      {property("offset", fmt::format("{:#x}", range.offset)), property("size", fmt::format("{}", range.size))});
}

Json part_of(const Component& part, const std::string& reference, ByteView image) {
  Json out{
      {"type", "firmware"}, {"bom-ref", reference}, {"name", printable(part.name.empty() ? part.kind : part.name)}};
  if (const std::string version = part.attributes.text("version"); !version.empty())
    out["version"] = printable(version);
  add_place(out, image, part.range);
  return out;
}

Json engine_component(const EngineReport& engine, const std::string& reference, ByteView image) {
  Json out{{"type", "firmware"}, {"bom-ref", reference}};
  if (const auto supplier = supplier_of(engine.engine); !supplier.empty()) out["supplier"] = {{"name", supplier}};
  out["name"] = printable(engine.title);
  if (const std::string version = engine.facts.text("version"); !version.empty()) out["version"] = printable(version);
  add_place(out, image, engine.tree.range);
  Json parts = Json::array();
  for (std::size_t i = 0; i < engine.tree.children.size(); ++i)
    parts.push_back(part_of(engine.tree.children[i], fmt::format("{}/{}", reference, i), image));
  if (!parts.empty()) out["components"] = std::move(parts);
  return out;
}

Json vulnerability(const Finding& finding, const std::string& reference, std::size_t number) {
  Json out{{"bom-ref", fmt::format("{}/advisory/{}", reference, number)}};
  out["id"] = printable(finding.references.empty() ? finding.title : finding.references.front());
  out["source"] = {{"name", "Intel security advisory"},
                   {"url", "https://www.intel.com/content/www/us/en/security-center/default.html"}};
  out["description"] = printable(finding.title);
  if (!finding.detail.empty()) out["detail"] = printable(finding.detail);
  if (!finding.advice.empty()) out["recommendation"] = printable(finding.advice);
  out["affects"] = Json::array({{{"ref", reference}}});
  return out;
}

}  // namespace

std::string to_cyclonedx(const Report& report, ByteView image) {
  Json out;
  out["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json";
  out["bomFormat"] = "CycloneDX";
  out["specVersion"] = "1.6";
  out["serialNumber"] = serial_number(report.sha256);
  out["version"] = 1;
  Json tool{{"type", "application"}, {"name", "quell"}, {"version", version}};
  Json whole{{"type", "firmware"}, {"bom-ref", "image"}, {"name", printable(report.what.title)}};
  whole["hashes"] = Json::array({{{"alg", "SHA-256"}, {"content", to_hex(report.sha256)}}});
  whole["properties"] =
      Json::array({property("kind", report.what.kind), property("size", fmt::format("{}", report.size))});
  out["metadata"] = {{"tools", {{"components", Json::array({tool})}}}, {"component", whole}};
  out["components"] = Json::array();
  Json vulnerabilities = Json::array();
  for (std::size_t i = 0; i < report.engines.size(); ++i) {
    const EngineReport& engine = report.engines[i];
    const std::string reference = fmt::format("{}/{}", engine.engine, i);
    out["components"].push_back(engine_component(engine, reference, image));
    for (const Finding& finding : engine.findings) {
      if (finding.id == intel::advisory_finding_id)
        vulnerabilities.push_back(vulnerability(finding, reference, vulnerabilities.size()));
    }
  }
  if (!vulnerabilities.empty()) out["vulnerabilities"] = std::move(vulnerabilities);
  return dump(out);
}

}  // namespace quell::report
