// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/sku.h"

#include <charconv>
#include <cstdint>

#include "base/csv.h"
#include "data/intel-me-skus.h"

namespace quell::intel {
namespace {

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  return value;
}

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
  const Table table(data::intel_me_skus);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto row = table.row(i);
    const bool version =
        manifest.version.major >= number(row["first_major"]) && manifest.version.major <= number(row["last_major"]);
    if (version && row["family"] == family && (*capabilities & number(row["mask"])) == number(row["value"]))
      return std::string(row["sku"]) + model_of(manifest, family);
  }
  return std::nullopt;
}

}  // namespace quell::intel
