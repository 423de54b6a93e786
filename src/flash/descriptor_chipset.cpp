// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/table.h"
#include "data/descriptor-chipsets.h"
#include "flash/descriptor_details.h"
#include "flash/lock_profiles.h"

namespace quell::flash {
namespace {

// One rule; a condition that is not given always holds.
struct Rule {
  std::optional<std::uint32_t> iccriba_min, iccriba_max, has_mdtba, msl_max, isl_min, isl_max, flmap2, fmsba_max, nm,
      cssl, csso;
  Chipset chipset;

  [[nodiscard]] bool holds(const FlashDescriptor& d) const {
    const auto at_most = [](const auto& limit, std::uint32_t value) { return !limit || value <= *limit; };
    const auto at_least = [](const auto& limit, std::uint32_t value) { return !limit || value >= *limit; };
    const auto is = [](const auto& wanted, std::uint32_t value) { return !wanted || value == *wanted; };
    const std::uint32_t iccriba = d.flmap2 >> 16U & 0xFFU;
    return at_least(iccriba_min, iccriba) && at_most(iccriba_max, iccriba) &&
           is(has_mdtba, (d.flumap1 >> 24U) != 0 ? 1 : 0) && at_most(msl_max, d.mch_strap_count) &&
           at_least(isl_min, d.strap_count) && at_most(isl_max, d.strap_count) && is(flmap2, d.flmap2) &&
           at_most(fmsba_max, d.flmap2 & 0xFFU) && is(nm, d.flmap1 >> 8U & 7U) && is(cssl, iccriba) &&
           is(csso, (d.flmap2 & 0xFFFU) >> 2U);
  }
};

Rule read_rule(const Row<data::DescriptorChipsets>& row) {
  return {row.number("iccriba_min"),
          row.number("iccriba_max"),
          row.optional_number("mdtba"),
          row.optional_number("msl_max"),
          row.optional_number("isl_min"),
          row.optional_number("isl_max"),
          row.optional_number("flmap2"),
          row.optional_number("fmsba_max"),
          row.optional_number("nm"),
          row.optional_number("cssl"),
          row.optional_number("csso"),
          {std::string(row["id"]), std::string(row["title"]), row.flag("certain"), row.number("density_bits"),
           row.optional_number("regions").value_or(0), row.flag("masters_is_count"), row.flag("extended"),
           std::string(row["clocks"]), row.flag("read_clock_17"), std::string(row["espi"]),
           row.optional_number("espi_strap"), row.choice<lock_profiles>("lock")}};
}

}  // namespace

// The rules before the first one with ICCRIBA 1 look at ICCRIBA 0 only, so the first rule that holds is the one.
Chipset chipset_of(const FlashDescriptor& descriptor) {
  static const std::vector<Rule> rules = rows_of(Table(data::descriptor_chipsets), read_rule);
  for (const Rule& rule : rules) {
    if (rule.holds(descriptor)) return rule.chipset;
  }
  return {};
}

}  // namespace quell::flash
