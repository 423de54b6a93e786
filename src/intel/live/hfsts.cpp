// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/live/hfsts.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bits.h"
#include "base/table.h"
#include "data/hfsts-fields.h"
#include "data/hfsts-states.h"
#include "data/hfsts-values.h"

namespace quell::intel::live {

using namespace host;

namespace {

// What a function that is hidden or asleep reads as: no bit of it means anything.
constexpr std::uint32_t not_decoded = 0xFFFFFFFF;

constexpr std::array kind_words{Word{"any", std::optional<Product>()}, Word{"me", std::optional(Product::me)},
                                Word{"txe", std::optional(Product::txe)}, Word{"sps", std::optional(Product::sps)}};

struct Span {
  std::optional<Product> kind{};  // nothing: any
  unsigned from = 0;
  unsigned to = 99;

  template <class Facts>
  explicit Span(const Row<Facts>& row) : from(row.number("major_from")), to(row.number("major_to")) {
    if constexpr (!std::is_same_v<Facts, data::HfstsStates>) kind = row.template choice<kind_words>("kind");
  }

  // Whether the row holds for everything the generation may be.
  [[nodiscard]] bool covers(const Generation& generation) const {
    const bool same_kind = !kind || *kind == generation.kind;
    return same_kind && from <= generation.from && generation.to <= to;
  }
};

struct FieldRow {
  Span span;
  Field field;
};

struct ValueRow {
  Span span;
  std::string field;
  std::uint32_t value;
  std::string name;
  std::string title;
  bool certain;
};

const std::vector<FieldRow>& field_rows() {
  static const std::vector<FieldRow> rows = [] {
    std::vector<FieldRow> out;
    for (const auto row : Table(data::hfsts_fields)) {
      Field field;
      field.key = row["key"];
      field.title = row["title"];
      field.number = row.number("register");
      field.high = row.number("high");
      field.low = row.number("low");
      field.certain = row.is({"certainty", "confirmed"});
      out.push_back({Span(row), std::move(field)});
    }
    return out;
  }();
  return rows;
}

const std::vector<ValueRow>& value_rows() {
  static const std::vector<ValueRow> rows = [] {
    std::vector<ValueRow> out;
    for (const auto row : Table(data::hfsts_values)) {
      out.push_back({Span(row), std::string(row["field"]), row.number("value"), std::string(row["name"]),
                     std::string(row["title"]), row.is({"certainty", "confirmed"})});
    }
    return out;
  }();
  return rows;
}

void name_value(Field& field, const Generation& generation) {
  const bool flag = field.high == field.low;
  field.text = flag ? (field.value != 0 ? "yes" : "no") : fmt::format("{}", field.value);
  for (const ValueRow& row : value_rows()) {
    if (row.field != field.key || row.value != field.value || !row.span.covers(generation)) continue;
    field.name = row.name;
    field.text = row.title;
    field.certain = field.certain && row.certain;
    return;
  }
}

// The name of a phase's table of states; the phases are numbered differently up to ME 10 and from ME 11 on.
std::string_view phase_name(const std::vector<Field>& fields) {
  const Field* phase = find_field(fields, "phase_code");
  return phase == nullptr ? std::string_view() : std::string_view(phase->name);
}

}  // namespace

Generation refine(Generation generation, const Registers& registers) {
  if (!registers[0] || *registers[0] == not_decoded) return generation;
  const std::uint32_t first = *registers[0];
  if (bits(first, 19, 16) == 15 && generation.kind == Product::me) {
    generation = {Product::sps, 0, 4, generation.inferred};
  }
  if (generation.kind != Product::me || generation.from != 0 || generation.to != 99) return generation;
  generation.inferred = true;
  const bool newer = bits(first, 31, 30) != 0;
  generation.from = newer ? 11 : 6;
  generation.to = newer ? 99 : 10;
  return generation;
}

std::vector<Field> decode(const Registers& registers, const Generation& generation, bool unsure) {
  std::vector<Field> out;
  for (const FieldRow& row : field_rows()) {
    const auto& content = registers.at((row.field.number - 1) % registers.size());
    if (!content || *content == not_decoded || !row.span.covers(generation)) continue;
    if (!row.field.certain && !unsure) continue;
    // Where several rows fit the same bits, the first one is the most specific.
    const bool taken = std::any_of(out.begin(), out.end(), [&row](const Field& one) {
      return one.number == row.field.number && one.high == row.field.high && one.low == row.field.low;
    });
    if (taken) continue;
    Field field = row.field;
    field.value = bits(*content, field.high, field.low);
    name_value(field, generation);
    out.push_back(std::move(field));
  }
  return out;
}

const Field* find_field(const std::vector<Field>& fields, std::string_view key) noexcept {
  const auto found = std::find_if(fields.begin(), fields.end(), [key](const Field& field) { return field.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> field_value(const std::vector<Field>& fields, std::string_view key) noexcept {
  const Field* field = find_field(fields, key);
  return field == nullptr ? std::nullopt : std::optional(field->value);
}

std::string phase_state_text(const std::vector<Field>& fields, const Generation& generation) {
  const auto state = field_value(fields, "phase_state");
  if (!state) return {};
  static const Table table(data::hfsts_states);
  const std::string code = fmt::format("{:02x}", *state);
  const std::string_view phase = phase_name(fields);
  for (const auto row : table) {
    if (row.number("code") != *state || row["phase"] != phase || !Span(row).covers(generation)) continue;
    const bool single = row.is({"certainty", "single source"});
    return fmt::format("0x{} ({}{})", code, single ? "probably: " : "", row["title"]);
  }
  return "0x" + code;
}

namespace {

// What a profile demands (docs/formats/host-status.md#hfsts6).
std::string profile_words(std::uint32_t profile) {
  switch (profile) {
    case 0: return "off";
    case 3: return "verified and measured boot, not enforced";
    case 4: return "verified boot, enforced";
    case 5: return "verified and measured boot, enforced";
    default: break;
  }
  return "in a profile that has no name";
}

}  // namespace

BootGuard boot_guard(const std::vector<Field>& fields, const Generation& generation) {
  BootGuard out;
  if (const auto lock = field_value(fields, "fpf_lock")) out.fuses_committed = *lock != 0;
  if (generation.from >= 18) {
    out.profile = field_value(fields, "bootguard_profile");
    if (out.profile) out.summary = profile_words(*out.profile);
    return out;
  }
  const auto force = field_value(fields, "force_acm");
  if (!force) return out;
  const auto get = [&fields](const char* key) { return field_value(fields, key).value_or(0); };
  const std::uint32_t verified = get("verified_boot");
  const std::uint32_t measured = get("measured_boot");
  const std::uint32_t protect = get("protect_bios_environment");
  const std::uint32_t policy = get("error_enforcement_policy");
  // Rows of the profile table: F V M P E.
  const std::array<std::uint32_t, 5> seen = {*force, verified, measured, protect, policy};
  struct Profile {
    unsigned number;
    std::array<std::uint32_t, 5> fields;
  };
  constexpr std::array<Profile, 4> profiles = {
      Profile{0, {0, 0, 0, 0, 0}}, {3, {0, 1, 1, 1, 0}}, {4, {1, 1, 0, 1, 3}}, {5, {1, 1, 1, 1, 3}}};
  for (const Profile& profile : profiles) {
    if (profile.fields == seen) out.profile = profile.number;
  }
  const bool fused = out.fuses_committed.value_or(false);
  if (*force != 0 && verified != 0 && fused) {
    out.summary = "enforced verified boot: a modified BIOS region will not boot";
  } else if (verified != 0) {
    out.summary = fused ? "verified boot, not enforced" : "verified boot set, fuses not committed";
  } else if (measured != 0) {
    out.summary = "measured boot only";
  } else {
    out.summary = fused ? "off; the fuses are committed" : "off; the fuses are not committed";
  }
  return out;
}

std::optional<bool> manufacturing_closed(const std::vector<Field>& fields, const Generation& generation) {
  if (generation.kind != Product::me || generation.from >= 18 || generation.from == 0) return std::nullopt;
  if (generation.to <= 14) {
    const auto open = field_value(fields, "manufacturing_mode");
    return open ? std::optional(*open == 0) : std::nullopt;
  }
  const auto unprotected = field_value(fields, "spi_unprotected");
  if (!unprotected) return std::nullopt;
  if (*unprotected != 0) return false;
  const auto fuses = field_value(fields, "fpf_lock");
  if (!fuses) return std::nullopt;
  if (*fuses == 0) return false;
  if (generation.to <= 15) return true;
  // Bit 21 on 16 and 17 is disputed: a set bit closes, a clear one leaves the question open.
  return field_value(fields, "manufacturing_lock").value_or(0) != 0 ? std::optional(true) : std::nullopt;
}

}  // namespace quell::intel::live
