// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/sealed.h"

#include <fmt/format.h>

#include "quell/digest.h"

namespace quell::spi {
namespace {

constexpr const char* seal_field = "seal";

std::string seal_of(const Json& bare) { return to_hex(sha256(as_bytes(to_text(bare)))); }

}  // namespace

std::string sealed_text(Json document) {
  document[seal_field] = seal_of(document);
  return to_text(document);
}

Result<Json> open_sealed(std::string_view text, std::string_view name) {
  Json document = parse_object(text);
  const std::string schema = text_field(document, "schema");
  const bool sealed = document.contains(seal_field);
  if (schema == fmt::format("{}/1", name) && !sealed) return document;
  if (schema != fmt::format("{}/2", name) || !sealed) return fail(Errc::damaged, fmt::format("not a {} file", name));
  if (to_text(document) != text) return fail(Errc::damaged, "the file was changed after it was written");
  const std::string seal = text_field(document, seal_field);
  document.erase(seal_field);
  if (seal_of(document) != seal) return fail(Errc::damaged, "the file was changed after it was written");
  return document;
}

}  // namespace quell::spi
