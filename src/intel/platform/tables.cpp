// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/platform/tables.h"

#include <algorithm>
#include <array>

#include "base/table.h"
#include "data/intel-descriptor-signatures.h"
#include "data/intel-disable-bits.h"
#include "data/intel-disable-effects.h"
#include "data/intel-disable-traces.h"
#include "data/intel-firmware-platforms.h"
#include "data/intel-pmc-platforms.h"
#include "data/intel-strap-shapes.h"

namespace quell::intel {
namespace {

// A list of families.
template <class Facts>
Families families(const Row<Facts>& row) {
  const auto names = row.list("families");
  return {names.begin(), names.end()};
}

constexpr std::array evidences{Word{"confirmed", Evidence::confirmed}, Word{"reported", Evidence::reported},
                               Word{"conflicting", Evidence::conflicting}, Word{"unknown", Evidence::unknown}};

constexpr std::array effect_kinds{Word{"seen", EffectKind::seen}, Word{"platform", EffectKind::platform},
                                  Word{"tpm", EffectKind::tpm}};

std::string text(std::string_view field) { return std::string(field); }

}  // namespace

const std::vector<SignatureRow>& signature_rows() {
  static const auto table = rows_of(Table(data::intel_descriptor_signatures), [](const auto& row) {
    const std::uint64_t isl = row.number("isl");
    return SignatureRow{isl,
                        row.optional_number("isl_last").value_or(isl),
                        row.optional_number("flmap2"),
                        text(row["name"]),
                        families(row),
                        text(row["source"])};
  });
  return table;
}

const std::vector<FirmwareRow>& firmware_rows() {
  static const auto table = rows_of(Table(data::intel_firmware_platforms), [](const auto& row) {
    return FirmwareRow{text(row["product"]),    row.number("major"),  row.number("minor_min"),
                       row.number("minor_max"), text(row["variant"]), families(row)};
  });
  return table;
}

const std::vector<PmcRow>& pmc_rows() {
  static const auto table = rows_of(Table(data::intel_pmc_platforms), [](const auto& row) {
    return PmcRow{row.number("major"), row.optional_number("minor"), families(row)};
  });
  return table;
}

const std::vector<ShapeRow>& shape_rows() {
  static const auto table = rows_of(Table(data::intel_strap_shapes), [](const auto& row) {
    return ShapeRow{families(row),      row.number("condition"), row.is({"base", "fmsba"}),     row.number("offset"),
                    row.number("mask"), row.number("value"),     row.is({"relation", "is not"})};
  });
  return table;
}

const std::vector<LocationRow>& location_rows() {
  static const auto table = rows_of(Table(data::intel_disable_bits), [](const Row<data::IntelDisableBits>& row) {
    LocationRow out;
    out.family = row["family"];
    out.platform = row["platform"];
    out.strap = row["strap"];
    out.name = row["name"];
    out.source = row["source"];
    out.of_mch = row.is({"base", "fmsba"});
    out.offset = row.optional_number("offset");
    if (out.offset) out.bit = row.optional_number("bit").value();
    out.written = row.flag("written");
    out.evidence = row.choice<evidences>("evidence");
    return out;
  });
  return table;
}

const std::vector<TraceRow>& trace_rows() {
  static const auto table = rows_of(Table(data::intel_disable_traces), [](const auto& row) {
    return TraceRow{families(row), row.number("offset"), row.number("bit")};
  });
  return table;
}

const std::vector<EffectRow>& effect_rows() {
  static const auto table = rows_of(Table(data::intel_disable_effects), [](const auto& row) {
    return EffectRow{families(row), row.template choice<effect_kinds>("kind"), text(row["effect"]),
                     text(row["source"])};
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
