// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/tables.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/table.h"
#include "data/amd-efs-fields.h"
#include "data/amd-entry-types.h"
#include "data/amd-ftpm-advisories.h"
#include "data/amd-key-usages.h"
#include "data/amd-psp-ids.h"
#include "data/amd-root-keys.h"
#include "data/amd-soft-fuses.h"
#include "data/amd-trusted-applications.h"

namespace quell::amd {
namespace {

constexpr std::array payloads{Word{"key", PayloadKind::key},       Word{"kdb", PayloadKind::database},
                              Word{"hdr", PayloadKind::header},    Word{"cont", PayloadKind::container},
                              Word{"opt", PayloadKind::optional},  Word{"val", PayloadKind::value},
                              Word{"dir", PayloadKind::directory}, Word{"mem", PayloadKind::memory},
                              Word{"bios", PayloadKind::reset},    Word{"raw", PayloadKind::raw}};
constexpr std::array pointers{Word{"none", EfsPointer::none}, Word{"firmware", EfsPointer::firmware},
                              Word{"psp", EfsPointer::psp}, Word{"bios", EfsPointer::bios}};

struct EntryTypes {
  std::array<std::array<EntryType, 256>, 2> by_number{};

  EntryTypes() {
    static const Table table(data::amd_entry_types);
    for (const auto row : table) {
      by_number.at(row.is({"directory", "bios"}) ? 1 : 0).at(row.number<std::uint8_t>("type")) = {
          row["name"], row.choice<payloads>("payload"), row["meaning"]};
    }
  }
};

}  // namespace

const EntryType* entry_type(bool bios, std::uint8_t type) {
  static const EntryTypes types;
  const EntryType& found = types.by_number.at(bios ? 1 : 0).at(type);
  return found.name.empty() ? nullptr : &found;
}

std::span<const EfsFieldType> efs_fields() {
  static const Table table(data::amd_efs_fields);
  static const auto fields = rows_of(table, [](const Row<data::AmdEfsFields>& row) {
    return EfsFieldType{row.number<std::uint64_t>("offset"), row.number<std::uint64_t>("size"), row["name"],
                        row.choice<pointers>("pointer")};
  });
  return fields;
}

const RootKey* root_key(std::string_view key_id) {
  static const Table table(data::amd_root_keys);
  static const auto keys = rows_of(table, [](const auto& row) {
    return RootKey{row["platform"], row["key_id"], row["modulus_sha256"]};
  });
  const auto found = std::ranges::find(keys, key_id, &RootKey::key_id);
  return found == keys.end() ? nullptr : &*found;
}

std::string_view platform_of(std::uint32_t psp_id) {
  static const Table table(data::amd_psp_ids);
  for (const auto row : table) {
    if (row.number("id") == psp_id) return row["platform"];
  }
  return {};
}

std::string_view key_usage(std::uint32_t usage) {
  static const Table table(data::amd_key_usages);
  for (const auto row : table) {
    if (row.number("usage") == usage) return row["signs"];
  }
  return {};
}

std::string_view trusted_application(std::string_view uuid) {
  static const Table table(data::amd_trusted_applications);
  const auto row = table.find("uuid", uuid);
  return row ? (*row)["name"] : std::string_view();
}

std::span<const SoftFuse> soft_fuses() {
  static const Table table(data::amd_soft_fuses);
  static const auto fuses = rows_of(table, [](const auto& row) {
    return SoftFuse{row.number("bit"), row.is({"severity", "notice"}), row["meaning"]};
  });
  return fuses;
}

std::span<const FtpmAdvisory> ftpm_advisories() {
  static const Table table(data::amd_ftpm_advisories);
  static const auto advisories = rows_of(table, [](const auto& row) {
    return FtpmAdvisory{row["finding"], row["affected"], row["fixed"], row["title"], row["advice"], row["reference"]};
  });
  return advisories;
}

}  // namespace quell::amd
