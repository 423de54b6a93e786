// SPDX-License-Identifier: GPL-2.0-or-later
// The platform tables of data/ as values, each parsed at its first use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intel/disable_bit.h"
#include "model/firmware_version.h"

namespace quell::intel {

using Families = std::vector<std::string>;

// Rows of one descriptor each come before those of a whole range.
struct SignatureRow {
  std::uint64_t isl = 0, isl_last = 0;
  std::optional<std::uint64_t> flmap2{};  // nothing: any whose ICCRIBA is 0
  std::string name{};
  Families families{};
  std::string source{};
};
const std::vector<SignatureRow>& signature_rows();

struct FirmwareRow {
  std::string product{};
  std::uint64_t major = 0, minor_min = 0, minor_max = 0;
  std::string variant{};
  Families families{};
};
const std::vector<FirmwareRow>& firmware_rows();

struct PmcRow {
  std::uint64_t major = 0;
  std::optional<std::uint64_t> minor{};
  Families families{};
};
const std::vector<PmcRow>& pmc_rows();

// One alternative of a condition. Conditions with different numbers must all hold; of those with one number, any.
struct ShapeRow {
  Families families{};
  std::uint64_t condition = 0;
  bool of_mch = false;
  std::uint64_t offset = 0;
  std::uint32_t mask = 0, value = 0;
  bool differs = false;  // must not have the value
};
const std::vector<ShapeRow>& shape_rows();

struct LocationRow {
  std::string family{}, platform{}, strap{}, name{}, source{};
  bool of_mch = false;
  std::optional<std::uint64_t> offset{};
  unsigned bit = 0;
  bool written = false;
  Evidence evidence = Evidence::unknown;
};
const std::vector<LocationRow>& location_rows();

struct TraceRow {
  Families families{};
  std::uint64_t offset = 0;
  unsigned bit = 0;
};
const std::vector<TraceRow>& trace_rows();

enum class EffectKind { seen, platform, tpm };
struct EffectRow {
  Families families{};
  EffectKind kind = EffectKind::seen;
  std::string effect{}, source{};
};
const std::vector<EffectRow>& effect_rows();

// Names of the chipsets for people: "Arrow Lake", "Bay Trail or Braswell".
std::string title_of(const Families& families);
// Whether the written bits of all of them are at one place.
bool same_places(const Families& families);
// How well the places of the written bits are known: the weakest evidence of any; unknown where there is none.
Evidence weakest_evidence(const Families& families);
// Those that firmware of this version is made for; empty when it is in no table. An empty variant stands for any.
Families families_of_firmware(std::string_view product, const Version& version, std::string_view variant);

bool contains(const Families& families, std::string_view family);
// Those in both, in the order of the first.
Families common(const Families& a, const Families& b);
bool intersects(const Families& a, const Families& b);

}  // namespace quell::intel
