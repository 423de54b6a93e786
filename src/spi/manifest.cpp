// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "spi/sealed.h"
#include "spi/vault.h"

namespace quell::spi {
namespace {

constexpr const char* schema_name = "quell.vault";

std::vector<NamedRange> ranges_field(const Json& document, const char* key) {
  std::vector<NamedRange> list;
  const auto value = document.find(key);
  if (value == document.end() || !value->is_array()) return list;
  for (const Json& item : *value) {
    if (!item.is_object()) continue;
    list.push_back({text_field(item, "name"), {number_field(item, "offset"), number_field(item, "size")}});
  }
  return list;
}

}  // namespace

bool Manifest::proves_backup() const noexcept {
  const bool read_from_chip = role == "whole" || role == "component 1" || role == "component 2" || role == "present";
  return read_from_chip && (matches >= 2 || voted);
}

std::string to_json(const Manifest& m) {
  Json document;
  document["schema"] = fmt::format("{}/2", schema_name);
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
  Json not_read = Json::array();
  for (const NamedRange& range : m.not_read)
    not_read.push_back({{"name", range.name}, {"offset", range.range.offset}, {"size", range.range.size}});
  if (!not_read.empty()) document["not_read"] = std::move(not_read);
  document["library"] = m.library;
  document["quell"] = m.quell;
  document["note"] = m.note;
  return sealed_text(std::move(document));
}

Result<Manifest> parse_manifest(std::string_view json) {
  QUELL_TRY(const Json document, open_sealed(json, schema_name));
  Manifest m;
  m.sha256 = text_field(document, "sha256");
  m.size = number_field(document, "size");
  m.role = text_field(document, "role");
  m.time = text_field(document, "time");
  m.what = text_field(document, "what");
  const Json chip = object_field(document, "chip");
  m.vendor = text_field(chip, "vendor");
  m.definition = text_field(chip, "definition");
  m.candidates = text_fields(chip, "candidates");
  m.jedec_id = text_field(chip, "jedec_id");
  m.status_register = text_field(chip, "status_register");
  m.protection = text_field(chip, "protection");
  const Json programmer = object_field(document, "programmer");
  m.programmer = text_field(programmer, "name");
  m.clock = number_field(programmer, "clock_hz");
  const Json reads = object_field(document, "reads");
  m.reads = text_fields(reads, "hashes");
  m.matches = static_cast<unsigned>(number_field(reads, "matches"));
  m.voted = true_field(reads, "voted");
  m.wobbling_blocks = number_field(reads, "differing_blocks");
  m.checks = text_fields(document, "checks");
  m.parts = text_fields(document, "parts");
  m.not_read = ranges_field(document, "not_read");
  m.library = text_field(document, "library");
  m.quell = text_field(document, "quell");
  m.note = text_field(document, "note");
  return m;
}

}  // namespace quell::spi
