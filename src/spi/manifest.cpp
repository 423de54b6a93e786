// SPDX-License-Identifier: GPL-2.0-or-later
#include <nlohmann/json.hpp>

#include "spi/vault.h"

namespace quell::spi {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* schema = "quell.vault/1";

std::string text(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

std::uint64_t number(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

std::vector<std::string> texts(const Json& object, const char* key) {
  std::vector<std::string> list;
  const auto value = object.find(key);
  if (value == object.end() || !value->is_array()) return list;
  for (const Json& item : *value) {
    if (item.is_string()) list.push_back(item.get<std::string>());
  }
  return list;
}

Json part(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_object() ? *value : Json::object();
}

}  // namespace

bool Manifest::proves_backup() const noexcept {
  const bool read_from_chip = role == "whole" || role == "component 1" || role == "component 2" || role == "present";
  return read_from_chip && (matches >= 2 || voted);
}

std::string to_json(const Manifest& m) {
  Json document;
  document["schema"] = schema;
  document["sha256"] = m.sha256;
  document["size"] = m.size;
  document["role"] = m.role;
  document["time"] = m.time;
  document["what"] = m.what;
  document["chip"] = {{"vendor", m.vendor},     {"definition", m.definition},           {"candidates", m.candidates},
                      {"jedec_id", m.jedec_id}, {"status_register", m.status_register}, {"protection", m.protection}};
  document["programmer"] = {{"name", m.programmer}, {"clock_hz", m.clock}};
  document["reads"] = {
      {"hashes", m.reads}, {"matches", m.matches}, {"voted", m.voted}, {"differing_blocks", m.wobbling_blocks}};
  document["checks"] = m.checks;
  document["parts"] = m.parts;
  document["library"] = m.library;
  document["quell"] = m.quell;
  document["note"] = m.note;
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Manifest> parse_manifest(std::string_view json) {
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded() || !document.is_object() || text(document, "schema") != schema) {
    return fail(Errc::damaged, "not a manifest of a vault");
  }
  Manifest m;
  m.sha256 = text(document, "sha256");
  m.size = number(document, "size");
  m.role = text(document, "role");
  m.time = text(document, "time");
  m.what = text(document, "what");
  const Json chip = part(document, "chip");
  m.vendor = text(chip, "vendor");
  m.definition = text(chip, "definition");
  m.candidates = texts(chip, "candidates");
  m.jedec_id = text(chip, "jedec_id");
  m.status_register = text(chip, "status_register");
  m.protection = text(chip, "protection");
  const Json programmer = part(document, "programmer");
  m.programmer = text(programmer, "name");
  m.clock = number(programmer, "clock_hz");
  const Json reads = part(document, "reads");
  m.reads = texts(reads, "hashes");
  m.matches = static_cast<unsigned>(number(reads, "matches"));
  const auto voted = reads.find("voted");
  m.voted = voted != reads.end() && voted->is_boolean() && voted->get<bool>();
  m.wobbling_blocks = number(reads, "differing_blocks");
  m.checks = texts(document, "checks");
  m.parts = texts(document, "parts");
  m.library = text(document, "library");
  m.quell = text(document, "quell");
  m.note = text(document, "note");
  return m;
}

}  // namespace quell::spi
