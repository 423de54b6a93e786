// SPDX-License-Identifier: GPL-2.0-or-later
#include <charconv>

#include "base/csv.h"
#include "data/descriptor-chipsets.h"
#include "quell/flash/descriptor_details.h"

namespace quell::flash {
namespace {

std::optional<std::uint32_t> number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  return value;
}

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

std::vector<Rule> read_rules() {
  const Table table(data::descriptor_chipsets);
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto row = table.row(i);
    Rule rule{number(row["iccriba_min"]), number(row["iccriba_max"]), number(row["mdtba"]),  number(row["msl_max"]),
              number(row["isl_min"]),     number(row["isl_max"]),     number(row["flmap2"]), number(row["fmsba_max"]),
              number(row["nm"]),          number(row["cssl"]),        number(row["csso"]),   {}};
    rule.chipset = {std::string(row["id"]),
                    std::string(row["title"]),
                    row["certain"] == "yes",
                    number(row["density_bits"]).value_or(4),
                    number(row["regions"]).value_or(0),
                    row["masters_is_count"] == "yes",
                    row["extended"] == "yes",
                    std::string(row["clocks"]),
                    std::string(row["espi"]),
                    number(row["espi_strap"]),
                    std::string(row["lock"])};
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

// The rules before the first one with ICCRIBA 1 look at ICCRIBA 0 only, so the first rule that holds is the one.
Chipset chipset_of(const FlashDescriptor& descriptor) {
  static const std::vector<Rule> rules = read_rules();
  for (const Rule& rule : rules) {
    if (rule.holds(descriptor)) return rule.chipset;
  }
  return {};
}

}  // namespace quell::flash
