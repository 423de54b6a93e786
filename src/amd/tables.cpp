// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/amd/tables.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/csv.h"
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

// "0x1f" or "31".
std::uint64_t number(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::uint64_t value = 0;
  std::from_chars(text.begin(), text.end(), value, base);
  return value;
}

PayloadKind payload_kind(std::string_view word) {
  using Named = std::pair<std::string_view, PayloadKind>;
  constexpr std::array names{
      Named{"key", PayloadKind::key},        Named{"kdb", PayloadKind::database}, Named{"hdr", PayloadKind::header},
      Named{"cont", PayloadKind::container}, Named{"opt", PayloadKind::optional}, Named{"val", PayloadKind::value},
      Named{"dir", PayloadKind::directory},  Named{"mem", PayloadKind::memory},   Named{"bios", PayloadKind::reset}};
  const auto* found = std::ranges::find(names, word, &Named::first);
  return found == names.end() ? PayloadKind::raw : found->second;
}

EfsPointer efs_pointer(std::string_view word) {
  if (word == "psp") return EfsPointer::psp;
  if (word == "bios") return EfsPointer::bios;
  return word == "firmware" ? EfsPointer::firmware : EfsPointer::none;
}

struct EntryTypes {
  std::array<std::array<EntryType, 256>, 2> by_number{};

  EntryTypes() {
    static const Table table(data::amd_entry_types);
    for (std::size_t i = 0; i < table.size(); ++i) {
      const auto row = table.row(i);
      by_number.at(row["directory"] == "bios" ? 1 : 0).at(number(row["type"])) = {
          row["name"], payload_kind(row["payload"]), row["meaning"]};
    }
  }
};

// The rows of a table, each turned into a T.
template <class T, class Make>
std::vector<T> rows_of(const Table& table, Make make) {
  std::vector<T> out;
  out.reserve(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) out.push_back(make(table.row(i)));
  return out;
}

// The column `value` of the row whose column `key` is the number; empty when there is none.
std::string_view look_up(const Table& table, std::string_view key, std::uint64_t wanted, std::string_view value) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (number(table.row(i)[key]) == wanted) return table.row(i)[value];
  }
  return {};
}

}  // namespace

const EntryType* entry_type(bool bios, std::uint8_t type) {
  static const EntryTypes types;
  const EntryType& found = types.by_number.at(bios ? 1 : 0).at(type);
  return found.name.empty() ? nullptr : &found;
}

std::span<const EfsFieldType> efs_fields() {
  static const Table table(data::amd_efs_fields);
  static const auto fields = rows_of<EfsFieldType>(table, [](const auto& row) {
    return EfsFieldType{number(row["offset"]), number(row["size"]), row["name"], efs_pointer(row["pointer"])};
  });
  return fields;
}

const RootKey* root_key(std::string_view key_id) {
  static const Table table(data::amd_root_keys);
  static const auto keys = rows_of<RootKey>(table, [](const auto& row) {
    return RootKey{row["platform"], row["key_id"], row["modulus_sha256"]};
  });
  const auto found = std::ranges::find(keys, key_id, &RootKey::key_id);
  return found == keys.end() ? nullptr : &*found;
}

std::string_view platform_of(std::uint32_t psp_id) {
  static const Table table(data::amd_psp_ids);
  return look_up(table, "id", psp_id, "platform");
}

std::string_view key_usage(std::uint32_t usage) {
  static const Table table(data::amd_key_usages);
  return look_up(table, "usage", usage, "signs");
}

std::string_view trusted_application(std::string_view uuid) {
  static const Table table(data::amd_trusted_applications);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.row(i)["uuid"] == uuid) return table.row(i)["name"];
  }
  return {};
}

std::span<const SoftFuse> soft_fuses() {
  static const Table table(data::amd_soft_fuses);
  static const auto fuses = rows_of<SoftFuse>(table, [](const auto& row) {
    return SoftFuse{static_cast<unsigned>(number(row["bit"])), row["severity"] == "notice", row["meaning"]};
  });
  return fuses;
}

std::span<const FtpmAdvisory> ftpm_advisories() {
  static const Table table(data::amd_ftpm_advisories);
  static const auto advisories = rows_of<FtpmAdvisory>(table, [](const auto& row) {
    return FtpmAdvisory{row["finding"], row["affected"], row["fixed"], row["title"], row["advice"], row["reference"]};
  });
  return advisories;
}

}  // namespace quell::amd
