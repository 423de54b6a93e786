// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/platform/tables.h"

#include <algorithm>
#include <charconv>

#include "base/csv.h"
#include "data/intel-descriptor-signatures.h"
#include "data/intel-disable-bits.h"
#include "data/intel-disable-effects.h"
#include "data/intel-disable-traces.h"
#include "data/intel-firmware-platforms.h"
#include "data/intel-pmc-platforms.h"
#include "data/intel-strap-shapes.h"

namespace quell::intel {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::uint64_t number_or_0(std::string_view text) { return number(text).value_or(0); }

Families split(std::string_view text) {
  Families parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Evidence evidence(std::string_view text) {
  if (text == "confirmed") return Evidence::confirmed;
  if (text == "reported") return Evidence::reported;
  return text == "conflicting" ? Evidence::conflicting : Evidence::unknown;
}

template <class Value, class Read>
std::vector<Value> rows(std::string_view csv, Read read) {
  const Table table(csv);
  std::vector<Value> out;
  for (std::size_t i = 0; i < table.size(); ++i) out.push_back(read(table.row(i)));
  return out;
}

std::string text(std::string_view field) { return std::string(field); }

}  // namespace

const std::vector<SignatureRow>& signature_rows() {
  static const auto table = rows<SignatureRow>(data::intel_descriptor_signatures, [](const Table::Row& row) {
    return SignatureRow{number_or_0(row["isl"]), number_or_0(row["flmap2"]), text(row["name"]), split(row["families"]),
                        text(row["source"])};
  });
  return table;
}

const std::vector<FirmwareRow>& firmware_rows() {
  static const auto table = rows<FirmwareRow>(data::intel_firmware_platforms, [](const Table::Row& row) {
    return FirmwareRow{text(row["product"]),          number_or_0(row["major"]), number_or_0(row["minor_min"]),
                       number_or_0(row["minor_max"]), text(row["variant"]),      split(row["families"])};
  });
  return table;
}

const std::vector<PmcRow>& pmc_rows() {
  static const auto table = rows<PmcRow>(data::intel_pmc_platforms, [](const Table::Row& row) {
    return PmcRow{number_or_0(row["major"]), number(row["minor"]), split(row["families"])};
  });
  return table;
}

const std::vector<ShapeRow>& shape_rows() {
  static const auto table = rows<ShapeRow>(data::intel_strap_shapes, [](const Table::Row& row) {
    return ShapeRow{split(row["families"]),
                    number_or_0(row["condition"]),
                    row["base"] == "fmsba",
                    number_or_0(row["offset"]),
                    static_cast<std::uint32_t>(number_or_0(row["mask"])),
                    static_cast<std::uint32_t>(number_or_0(row["value"])),
                    row["relation"] == "is not"};
  });
  return table;
}

const std::vector<LocationRow>& location_rows() {
  static const auto table = rows<LocationRow>(data::intel_disable_bits, [](const Table::Row& row) {
    LocationRow out;
    out.family = row["family"];
    out.platform = row["platform"];
    out.strap = row["strap"];
    out.name = row["name"];
    out.source = row["source"];
    out.of_mch = row["base"] == "fmsba";
    out.offset = number(row["offset"]);
    out.bit = static_cast<unsigned>(number_or_0(row["bit"]) & 31U);
    out.written = row["written"] == "yes";
    out.evidence = evidence(row["evidence"]);
    return out;
  });
  return table;
}

const std::vector<TraceRow>& trace_rows() {
  static const auto table = rows<TraceRow>(data::intel_disable_traces, [](const Table::Row& row) {
    return TraceRow{split(row["families"]), number_or_0(row["offset"]),
                    static_cast<unsigned>(number_or_0(row["bit"]) & 31U)};
  });
  return table;
}

const std::vector<EffectRow>& effect_rows() {
  static const auto table = rows<EffectRow>(data::intel_disable_effects, [](const Table::Row& row) {
    return EffectRow{split(row["families"]), text(row["effect"]), text(row["source"])};
  });
  return table;
}

bool contains(const Families& families, std::string_view family) {
  return std::ranges::find(families, family) != families.end();
}

Families common(const Families& a, const Families& b) {
  Families both;
  std::ranges::copy_if(a, std::back_inserter(both), [&](const std::string& family) { return contains(b, family); });
  return both;
}

bool intersects(const Families& a, const Families& b) { return !common(a, b).empty(); }

}  // namespace quell::intel
