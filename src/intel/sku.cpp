// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/sku.h"

#include <cstdint>

#include "base/table.h"
#include "data/intel-me-skus.h"

namespace quell::intel {
namespace {

// TXE 0 and 1 were made for models of Bay Trail that only their keys tell apart: "0-1 I/T" in the table of keys, I/T,
// M/D or N/W in the names by which the images are known.
std::string model_of(const Manifest& manifest, std::string_view family) {
  if (family != "TXE" || manifest.version.major > 1) return {};
  const SigningKey key = identify_key(manifest);
  const auto space = key.version_range.rfind(' ');
  const bool named = space != std::string::npos && key.version_range.find('/', space) != std::string::npos;
  return named ? key.version_range.substr(space) : std::string();
}

}  // namespace

std::optional<std::string> sku_of(const Manifest& manifest, std::string_view family) {
  // Record: `$SKU`, size in dwords, capabilities, ...
  const auto record = manifest.bytes.find(as_bytes("$SKU"), manifest.header_size, 4);
  if (!record) return std::nullopt;
  const auto capabilities = manifest.bytes.u32(*record + 8);
  if (!capabilities) return std::nullopt;
  for (const auto row : Table(data::intel_me_skus)) {
    const bool version =
        manifest.version.major >= row.number("first_major") && manifest.version.major <= row.number("last_major");
    const bool hotfix = manifest.version.hotfix == row.optional_number("hotfix").value_or(manifest.version.hotfix);
    if (version && hotfix && row["family"] == family && (*capabilities & row.number("mask")) == row.number("value"))
      return std::string(row["sku"]) + model_of(manifest, family);
  }
  return std::nullopt;
}

}  // namespace quell::intel
