// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of AMD's numbers: the tables data/amd-*.csv, each parsed once when first asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "quell/digest.h"

namespace quell::amd {

// What the bytes of a directory entry are.
enum class PayloadKind {
  raw,        // no PSP header
  key,        // key token
  database,   // key database behind a PSP header
  header,     // PSP header, payload, signature
  container,  // PSP header over a table of sub-images
  optional,   // with or without PSP header
  value,      // no bytes: the entry's address field is the value
  directory,  // pointer to another directory
  memory,     // no bytes: a range of memory
  reset       // x86 reset image
};

// One row of data/amd-entry-types.csv.
struct EntryType {
  std::string_view name;  // "psp_bootloader"
  PayloadKind payload = PayloadKind::optional;
  std::string_view meaning;
};

// What an entry of a PSP directory (or, with `bios`, of a BIOS directory) is; nullptr when the type is not known.
const EntryType* entry_type(bool bios, std::uint8_t type);

// Where an EFS field leads.
enum class EfsPointer { none, psp, bios, firmware };

// One row of data/amd-efs-fields.csv.
struct EfsFieldType {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string_view name;
  EfsPointer pointer = EfsPointer::none;
};
std::span<const EfsFieldType> efs_fields();

// A published AMD root key.
struct RootKey {
  std::string_view platform;
  std::string_view key_id;          // hexadecimal
  std::string_view modulus_sha256;  // hexadecimal, over the modulus as stored
};
const RootKey* root_key(std::string_view key_id);

// The platform a PSP ID of a combo directory or image slot header stands for; empty when not known.
std::string_view platform_of(std::uint32_t psp_id);

// What keys of this usage number sign; empty when not known.
std::string_view key_usage(std::uint32_t usage);

// A trusted application by its UUID; empty when not known.
std::string_view trusted_application(std::string_view uuid);

// One bit of the soft fuse chain.
struct SoftFuse {
  unsigned bit = 0;
  bool notice = false;
  std::string_view meaning;
};
std::span<const SoftFuse> soft_fuses();

// What AMD says of fTPM versions: affected when the pattern ("3.*.0.*") matches and the version is below `fixed`.
struct FtpmAdvisory {
  std::string_view finding;
  std::string_view affected;
  std::string_view fixed;  // empty: every matching version
  std::string_view title;
  std::string_view advice;
  std::string_view reference;
};
std::span<const FtpmAdvisory> ftpm_advisories();

}  // namespace quell::amd
