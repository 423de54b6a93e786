// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/audit.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>

#include <fmt/format.h>

#include "amd/directory.h"

namespace quell::amd {
namespace {

constexpr std::string_view read_again = "the file may be cut short or damaged: read the chip again and compare";
constexpr std::string_view not_bootable = "the processor may refuse to boot from this; restore a sound image";

struct DefectText {
  std::string_view id;
  std::string_view title;
  std::string_view advice;
};

// What the defects met by the walk mean.
constexpr std::array defect_texts{
    DefectText{"efs-pointer-out-of-range", "a pointer of the Embedded Firmware Structure leads outside the file",
               read_again},
    DefectText{"directory-cookie-missing", "a link leads to bytes that are no directory", not_bootable},
    DefectText{"directory-out-of-range", "a link to a directory leads outside the file", read_again},
    DefectText{"directory-checksum-mismatch", "the checksum of a directory is wrong", not_bootable},
    DefectText{"directory-count-invalid", "a directory claims an impossible number of entries", not_bootable},
    DefectText{"directory-recursion", "a directory leads back to itself", not_bootable},
    DefectText{"directory-depth", "directories are nested too deeply", not_bootable},
    DefectText{"directory-limit", "the image claims more directories than are looked at", not_bootable},
    DefectText{"work-limit", "entries overlap so much that not all were examined", not_bootable},
    DefectText{"combo-target-out-of-range", "a combo directory leads outside the file", read_again},
    DefectText{"entry-address-out-of-range", "an entry begins outside the file", read_again},
    DefectText{"entry-past-end", "an entry ends outside the file", read_again},
    DefectText{"ish-checksum-mismatch", "the checksum of an image slot header is wrong", not_bootable},
    DefectText{"ish-target-out-of-range", "an image slot header leads outside the file", read_again},
    DefectText{"ish-out-of-range", "an image slot header lies outside the file", read_again},
    DefectText{"recovery-slot-unusable", "a recovery slot holds neither a directory nor an image slot header",
               "the machine can boot from the other slot only; restore a sound image"}};

void audit_defects(const Rom& rom, Findings& findings) {
  for (const Defect& defect : rom.defects) {
    const auto* text = std::ranges::find(defect_texts, defect.id, &DefectText::id);
    const std::string_view title = text == defect_texts.end() ? defect.id : text->title;
    Finding& finding = findings.add(defect.id, Severity::error, title, defect.detail, Range{defect.where, 0x10});
    if (text != defect_texts.end()) finding.advice = text->advice;
  }
}

// A chip's size is a power of two; a file of another size that its own directories reach beyond was cut short.
void audit_length(const Rom& rom, ByteView file, Findings& findings) {
  const Window& window = rom.efs.window;
  const std::uint64_t length = window.end - window.base;
  const bool whole = std::has_single_bit(length) || length % largest_window == 0;
  if (rom.needed_end <= window.end || whole) return;
  findings
      .add("file-shorter-than-contents", Severity::warning, "the file is shorter than its contents require",
           fmt::format("the directories reach to 0x{:x}, the file ends at 0x{:x}", rom.needed_end, file.size()),
           Range{window.end, 0})
      .advice = read_again;
}

void audit_structure(const Rom& rom, Findings& findings) {
  const Efs& efs = rom.efs;
  if (!efs.has_directories) {
    findings
        .add("efs-without-directories", Severity::error, "no directory of the Embedded Firmware Structure was found",
             fmt::format("signature without directories at {}", hex32(efs.offset)), Range{efs.offset, efs_size})
        .advice = not_bootable;
  }
  for (const EfsField& field : efs.fields) {
    if (field.type->pointer != EfsPointer::firmware || !field.set()) continue;
    if (resolve(efs.window, field.value) < efs.window.end) continue;
    findings.add("efs-firmware-out-of-range", Severity::warning,
                 "a firmware pointer of the Embedded Firmware Structure leads outside the file",
                 fmt::format("{} = 0x{:08x}", field.type->name, field.value),
                 Range{efs.offset + field.type->offset, 4});
  }
}

// Keys that share an ID must be the same key.
void audit_key_ids(const Rom& rom, Findings& findings) {
  std::map<KeyId, std::set<Sha256>> moduli;
  std::map<KeyId, const Key*> first;
  for (const Key& key : rom.keys) {
    moduli[key.id].insert(key.modulus_sha256);
    first.try_emplace(key.id, &key);
  }
  for (const Key& key : rom.keys) {
    const std::size_t different = moduli[key.id].size();
    if (different < 2 || first[key.id] != &key) continue;
    findings
        .add("key-id-conflict", Severity::error, "different keys carry the same key ID",
             fmt::format("{} different moduli carry the key ID {}", different, to_hex(key.id)),
             Range{key.location, 0x40})
        .advice = "one of them was altered: do not trust this image";
  }
}

void audit_root_keys(const Rom& rom, Findings& findings) {
  for (const Key& key : rom.keys) {
    if (key.trust != Trust::root) continue;
    const std::string id = to_hex(key.id);
    const RootKey* known = root_key(id);
    const Range where{key.location, 0x40 + 2 * (key.bits / 8)};
    if (known == nullptr) {
      findings
          .add("root-key-unknown", Severity::warning, "the root key is not one of AMD's published ones",
               fmt::format("key ID {}", id), where)
          .advice = "signatures are consistent with this key; whether it is AMD's cannot be said";
    } else if (known->modulus_sha256 != to_hex(key.modulus_sha256)) {
      findings
          .add("root-key-altered", Severity::error, "the root key is not the one that AMD published under its ID",
               fmt::format("key ID {} is known with another modulus", id), where)
          .advice = "the boot ROM compares the key with fuses and will refuse it; do not flash this image";
    }
  }
}

}  // namespace

Finding& Findings::add(std::string_view id, Severity severity, std::string_view title, std::string detail,
                       std::optional<Range> where) {
  list_.push_back({.id = fmt::format("amd.{}", id),
                   .severity = severity,
                   .title = std::string(title),
                   .detail = std::move(detail),
                   .range = where});
  return list_.back();
}

Range range_of(const Entry& entry) noexcept { return {entry.entry_offset, entry.bios ? 0x18U : 0x10U}; }

std::string short_id(const KeyId& id) { return to_hex(id).substr(0, 8); }

std::vector<Finding> audit(const Rom& rom, ByteView file) {
  Findings findings;
  audit_structure(rom, findings);
  audit_length(rom, file, findings);
  audit_defects(rom, findings);
  audit_key_ids(rom, findings);
  audit_root_keys(rom, findings);
  audit_entries(rom, findings);
  audit_rollback(rom, findings);
  audit_slots(rom, findings);
  return std::move(findings).take();
}

}  // namespace quell::amd
